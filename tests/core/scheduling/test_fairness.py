"""How trees and workflows share a host: nobody waits because somebody else asked for much."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.plans import GIB, MIB
from orchestrator.core.scheduling.capacity import Amount, Holder
from orchestrator.core.scheduling.dispatch import (
    HALF_LIFE_MS,
    WIDE_STARTS,
    HostState,
    QueuedRun,
    RecentStarts,
    choose,
)
from orchestrator.core.scheduling.estimate import Need
from tests.core.scheduling.queues import HOST, NOW_MS, SHARED, child, old, started, young


def of_tree(run_id: str, root_id: str, workflow_id: str = "w", depth: int = 1) -> QueuedRun:
    return QueuedRun(run_id, "starter", depth, NOW_MS, root_id=root_id, workflow_id=workflow_id)


def working(root_id: str, workflow_id: str = "w") -> Holder:
    return Holder("starter", root_id=root_id, workflow_id=workflow_id)


def waiting(root_id: str) -> Holder:
    return Holder("starter", is_waiting=True, root_id=root_id, workflow_id="w")


ONE = Amount(500, GIB)
TWO = Amount(1_000, 2 * GIB)
FOUR = Amount(2_000, 4 * GIB)


def test_a_tree_with_400_children_lets_a_root_in_as_soon_as_there_is_a_place() -> None:
    queue = [*(of_tree(f"c{index:03}", "1-wide") for index in range(400)), of_tree("no-op", "2-small", depth=0)]
    assert started([waiting("1-wide"), working("1-wide")], queue, TWO) == ["no-op"]


def test_an_older_tree_that_waits_for_a_place_comes_before_new_roots() -> None:
    queue = [of_tree("child", "1-old"), of_tree("root", "2-new", depth=0)]
    assert started([waiting("1-old")], queue, ONE) == ["child"]


def test_inside_a_tree_deeper_runs_go_first_then_older_ones() -> None:
    queue = [of_tree("b", "t"), of_tree("a", "t"), of_tree("deep", "t", depth=2)]
    assert started([], queue, TWO) == ["deep", "a"]


def test_workflows_share_the_host_equally_however_many_trees_they_have() -> None:
    queue = [of_tree(f"a{index}", f"a{index}", "busy", depth=0) for index in range(9)]
    queue += [of_tree(f"b{index}", f"b{index}", "quiet", depth=0) for index in range(9)]
    assert sorted(started([], queue, FOUR)) == ["a0", "a1", "b0", "b1"]


def test_a_workflow_that_weighs_three_times_as_much_gets_three_times_the_places() -> None:
    queue = [of_tree(f"a{index}", f"a{index}", "heavy", depth=0) for index in range(9)]
    queue += [of_tree(f"b{index}", f"b{index}", "light", depth=0) for index in range(9)]
    chosen = choose([], queue, FOUR, now_ms=NOW_MS, weights={"heavy": 3.0})
    assert sorted(run.run_id[0] for run in chosen) == ["a", "a", "a", "b"]


def test_tasks_that_wait_for_others_share_two_cores_once_that_is_known_of_them() -> None:
    queue = [QueuedRun(f"{index:03}", "standard") for index in range(100)]
    known = [replace(run, need=Need(60 * MIB, 50)) for run in queue]
    host = Amount(2_000, 22 * GIB)
    assert len(choose([], queue, host, now_ms=NOW_MS, reservation=SHARED)) == 8
    assert len(choose([], known, host, now_ms=NOW_MS, reservation=SHARED)) == 40


def test_only_so_many_containers_are_being_started_at_once() -> None:
    queue = [young(f"{index}", "starter") for index in range(9)]
    holders = [Holder("starter", is_starting=True), Holder("starter")]
    host = HostState(parallel_starts=3)
    assert len(choose(holders, queue, Amount(8_000, 16 * GIB), now_ms=NOW_MS, host=host)) == 2
    assert choose(3 * holders[:1], queue, Amount(8_000, 16 * GIB), now_ms=NOW_MS, host=host) == []


def test_nothing_starts_while_the_host_is_short_of_memory() -> None:
    short = HostState(is_short=True)
    assert choose([], [old("a", "starter")], HOST, now_ms=NOW_MS, host=short) == []
    assert choose([Holder("starter")], [old("a", "starter")], HOST, now_ms=NOW_MS, host=short) == []


def test_parents_that_wait_get_one_child_after_the_other_also_on_a_host_that_is_short() -> None:
    queue, waiting = [child("a", "starter"), child("b", "starter")], [Holder("starter", is_waiting=True)]
    short = HostState(is_short=True)
    assert [run.run_id for run in choose(waiting, queue, HOST, now_ms=NOW_MS, host=short)] == ["a"]
    assert choose([*waiting, Holder("starter")], queue[1:], HOST, now_ms=NOW_MS, host=short) == []


def test_a_wide_tree_does_not_keep_others_waiting_even_where_one_run_fits() -> None:
    recent = RecentStarts()
    wide = [of_tree(f"c{index:03}", "1-wide") for index in range(400)]
    for run in wide[:WIDE_STARTS]:
        recent.note(run, NOW_MS)
    queue = [*wide[WIDE_STARTS:], of_tree("no-op", "2-small", depth=0)]
    assert [run.run_id for run in choose([], queue, ONE, now_ms=NOW_MS, recent=recent)] == ["no-op"]
    later_ms = NOW_MS + 2 * HALF_LIFE_MS
    assert choose([], queue, ONE, now_ms=later_ms, recent=recent)[0].run_id == "c016", "it stood back for long enough"


def test_workflows_take_turns_where_one_run_fits() -> None:
    recent, queue = RecentStarts(), [of_tree(f"a{index}", f"a{index}", "busy", depth=0) for index in range(9)]
    recent.note(queue[0], NOW_MS)
    queue.append(of_tree("b", "b", "quiet", depth=0))
    assert [run.run_id for run in choose([], queue, ONE, now_ms=NOW_MS, recent=recent)] == ["b"]


def test_starts_of_long_ago_are_forgotten() -> None:
    recent = RecentStarts()
    recent.note(of_tree("c", "t"), NOW_MS)
    recent.forget_old(NOW_MS + 20 * HALF_LIFE_MS)
    assert recent.of("t", NOW_MS) == 0


TREES = st.lists(
    st.tuples(st.sampled_from(["x", "y"]), st.integers(1, 40), st.sampled_from(["starter", "standard", "pro"])),
    min_size=1,
    max_size=6,
)


@given(trees=TREES, capacity=st.builds(Amount, st.sampled_from([500, 1_000, 3_000]), st.just(8 * GIB)))
def test_every_tree_ends_although_new_ones_keep_coming(trees: list[tuple[str, int, str]], capacity: Amount) -> None:
    """A tree is a number of runs of one plan; each step of ten seconds ends all that run, and one more tree of one run comes."""
    left = {f"{index:03}": (workflow, runs, plan) for index, (workflow, runs, plan) in enumerate(trees)}
    mine, recent = list(left), RecentStarts()
    for step in range(6 * sum(runs for _, runs, _ in trees) + 10):
        left[f"9{step:04}"] = ("x", 1, "starter")
        now_ms = NOW_MS + step * 10_000
        queue = [
            QueuedRun(f"{tree}-{index}", plan, min(index, 1), NOW_MS, root_id=tree, workflow_id=workflow)
            for tree, (workflow, runs, plan) in left.items()
            for index in range(runs)
        ]
        for run in choose([], queue, capacity, now_ms=now_ms, recent=recent):
            recent.note(run, now_ms)
            workflow, runs, plan = left.pop(run.tree)
            left |= {run.tree: (workflow, runs - 1, plan)} if runs > 1 else {}
        if not any(tree in left for tree in mine):
            return
    raise AssertionError(f"starved: {left}")
