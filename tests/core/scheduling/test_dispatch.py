"""Which runs may start: small cases, and the bounds that hold for all of them."""

from __future__ import annotations

import cProfile
import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.container.spec import LOG_BYTES, PIDS_LIMIT, Usage
from orchestrator.core.plans import GIB, MIB, PLANS
from orchestrator.core.scheduling.capacity import STRICT, Amount, Holder, Reservation
from orchestrator.core.scheduling.dispatch import (
    HALF_LIFE_MS,
    OVERTAKEN_MS,
    WIDE_STARTS,
    Hindrance,
    HostState,
    Lack,
    QueuedRun,
    RecentStarts,
    choice,
    choose,
)
from orchestrator.core.scheduling.estimate import Need

HOST = Amount(2_000, 5 * GIB)
NOW_MS = 10 * OVERTAKEN_MS
PLAN_NAMES = sorted(PLANS)
SHARED = Reservation(cpu_share=0.25, memory_by_need=True)


def old(run_id: str, plan: str) -> QueuedRun:
    """A root that has waited for long."""
    return QueuedRun(run_id, plan, created_at_ms=NOW_MS - OVERTAKEN_MS)


def young(run_id: str, plan: str) -> QueuedRun:
    """A root that was just submitted."""
    return QueuedRun(run_id, plan, created_at_ms=NOW_MS - OVERTAKEN_MS + 1)


def child(run_id: str, plan: str) -> QueuedRun:
    """A chained run that was just asked for."""
    return QueuedRun(run_id, plan, depth=1, created_at_ms=NOW_MS)


def started(holders: list[Holder], queue: list[QueuedRun], capacity: Amount = HOST) -> list[str]:
    return [run.run_id for run in choose(holders, queue, capacity, now_ms=NOW_MS)]


def test_runs_start_as_long_as_they_fit() -> None:
    assert started([], [old("a", "standard"), old("b", "standard"), old("c", "standard")]) == ["a", "b"]


def test_a_root_that_waited_for_long_is_not_overtaken() -> None:
    assert started([Holder("standard")], [old("1-large", "pro"), young("2-small", "starter")]) == []


def test_a_young_root_lets_through_those_that_fit() -> None:
    queue = [
        young("1-large", "pro"),
        young("2-small", "starter"),
        young("3-middle", "standard"),
        young("4-tiny", "starter"),
    ]
    assert started([Holder("standard")], queue) == ["2-small", "4-tiny"]


def test_a_child_is_never_overtaken() -> None:
    assert started([Holder("standard")], [child("1-large", "pro"), young("2-small", "starter")]) == []


def test_a_plan_larger_than_the_host_starts_when_the_host_is_free() -> None:
    assert started([], [old("huge", "pro_ultra")]) == ["huge"]


def test_a_parent_that_goes_on_holds_its_plan_again_and_nothing_starts_until_that_fits() -> None:
    parent, busy = Holder("pro"), Holder("standard")
    assert not STRICT.total([parent, busy], HOST).fits(HOST)
    assert started([parent, busy], [child("next", "starter")]) == []
    assert started([parent], [child("next", "starter")]) == []
    assert started([busy], [child("next", "starter")]) == ["next"]


def test_the_head_starts_over_capacity_when_only_waiting_parents_run() -> None:
    tiny = Amount(500, 64 * MIB)
    waiting = [Holder("starter", is_waiting=True, used=Usage(64 * MIB))]
    assert started(waiting, [child("child", "starter"), child("next", "starter")], tiny) == ["child"]


@pytest.mark.parametrize(
    "capacity",
    [
        replace(HOST, cpu_millis=1_000),
        replace(HOST, memory_bytes=GIB),
        replace(HOST, pids=2 * PIDS_LIMIT + 1),
        replace(HOST, disk_bytes=2 * LOG_BYTES + 1),
    ],
    ids=["cpu", "memory", "pids", "disk"],
)
def test_each_dimension_bounds_alone(capacity: Amount) -> None:
    assert started([], [old(name, "starter") for name in "abc"], capacity) == ["a", "b"]


def test_nothing_starts_on_a_full_disk_not_even_for_progress() -> None:
    assert started([], [old("a", "starter")], replace(HOST, disk_bytes=-1)) == []
    assert started([], [old("a", "starter")], replace(HOST, disk_bytes=0)) == ["a"]


def test_the_work_of_choosing_grows_with_what_there_is_and_hardly_faster() -> None:
    large = Amount(10**6, 10**15)

    def calls(size: int) -> int:
        holders = [Holder("starter", index % 2 == 0, Usage(MIB, 1)) for index in range(size)]
        queue = [young(f"{index:04}", "starter") for index in range(size)]
        profile = cProfile.Profile()
        assert len(profile.runcall(started, holders, queue, large)) == size
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(400) < 2.5 * calls(200)


NEEDS = st.builds(Need, st.none() | st.integers(0, 64 * GIB), st.none() | st.integers(0, 20_000))
HOLDERS = st.lists(
    st.builds(
        Holder,
        st.sampled_from(PLAN_NAMES),
        st.booleans(),
        st.builds(Usage, st.integers(0, 4 * GIB), st.integers(1, 512)),
        NEEDS,
    )
)
CAPACITIES = st.builds(
    Amount, st.integers(1, 64_000), st.integers(MIB, 64 * GIB), st.integers(1, 10_000), st.integers(0, GIB)
)


@given(
    holders=HOLDERS,
    queue=st.lists(
        st.builds(
            QueuedRun,
            st.uuids().map(str),
            st.sampled_from(PLAN_NAMES),
            st.integers(0, 2),
            st.integers(0, NOW_MS),
            need=NEEDS,
        )
    ),
    capacity=CAPACITIES,
    reservation=st.sampled_from([STRICT, SHARED]),
)
@settings(deadline=None)
def test_no_more_is_held_than_there_is_except_by_one_run_that_keeps_things_moving(
    holders: list[Holder], queue: list[QueuedRun], capacity: Amount, reservation: Reservation
) -> None:
    chosen = choose(holders, queue, capacity, now_ms=NOW_MS, reservation=reservation)
    wanted = [Holder(run.plan, need=run.need) for run in chosen]
    is_idle = all(holder.is_waiting for holder in holders)
    assert len({run.run_id for run in chosen}) == len(chosen), "nobody starts twice"
    held = reservation.total([*holders, *wanted], capacity)
    assert not chosen or held.fits(capacity) or (is_idle and len(chosen) == 1)
    assert chosen or not queue or not is_idle, "somebody must always be working"


@settings(deadline=None)
@given(holders=HOLDERS, queue=st.lists(st.builds(QueuedRun, st.uuids().map(str), st.sampled_from(PLAN_NAMES))))
def test_only_young_roots_are_overtaken(holders: list[Holder], queue: list[QueuedRun]) -> None:
    """With all of them old, the chosen are a prefix of the fair order: of trees that hold nothing, by age."""
    chosen = started(holders, queue)
    assert chosen == sorted(candidate.run_id for candidate in queue)[: len(chosen)]


@given(
    arrivals=st.lists(
        st.tuples(
            st.sampled_from([0, 1, 20_000, 120_000]),
            st.sampled_from(["starter", "standard", "pro"]),
            st.sampled_from([1, 30_000, 400_000]),
        ),
        min_size=1,
        max_size=40,
    ),
    capacity=st.builds(Amount, st.sampled_from([500, 1_500, 2_000, 3_500]), st.just(16 * GIB)),
)
def test_no_run_is_overtaken_for_longer_than_its_patience(
    arrivals: list[tuple[int, str, int]], capacity: Amount
) -> None:
    """However many others there are, whoever comes later than `OVERTAKEN_MS` after a root starts after it."""
    started_at = _simulate(arrivals, capacity)
    assert len(started_at) == len(arrivals), "all of them start"
    created_at = list(itertools.accumulate(pause for pause, _, _ in arrivals))
    for earlier, later in itertools.combinations(range(len(arrivals)), 2):
        if started_at[later] < started_at[earlier]:
            assert started_at[later] < created_at[earlier] + OVERTAKEN_MS


def _simulate(arrivals: list[tuple[int, str, int]], capacity: Amount) -> dict[int, int]:
    """When each root started: given the pause before it, its plan and how long it runs, in ms."""
    created_at = list(itertools.accumulate(pause for pause, _, _ in arrivals))
    started_at: dict[int, int] = {}
    ends_at: dict[int, int] = {}
    now_ms = -1
    while len(started_at) < len(arrivals):
        coming = [at for at in created_at if at > now_ms]
        now_ms = min([at for at in ends_at.values() if at > now_ms] + coming)
        ends_at = {index: at for index, at in ends_at.items() if at > now_ms}
        queue = [
            QueuedRun(f"{index:03}", plan, created_at_ms=created_at[index])
            for index, (_, plan, _) in enumerate(arrivals)
            if index not in started_at and created_at[index] <= now_ms
        ]
        holders = [Holder(arrivals[index][1]) for index in ends_at]
        for index in (int(run.run_id) for run in choose(holders, queue, capacity, now_ms=now_ms)):
            started_at[index] = now_ms
            ends_at[index] = now_ms + arrivals[index][2]
    return started_at


# --- fairness ---


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
@settings(deadline=None)
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


def lacking(holders: list[Holder], queue: list[QueuedRun], capacity: Amount = HOST, **more: Any) -> Hindrance | None:
    return choice(holders, queue, capacity, now_ms=NOW_MS, **more).hindrance


@pytest.mark.parametrize(
    ("holders", "capacity", "more", "lack"),
    [
        ([Holder("standard")], Amount(1_500, 64 * GIB), {}, Lack.CPU),
        ([Holder("standard")], Amount(64_000, 3 * GIB), {}, Lack.MEMORY),
        ([Holder("standard")], Amount(64_000, 64 * GIB, PIDS_LIMIT), {}, Lack.PROCESSES),
        ([Holder("standard")], Amount(64_000, 64 * GIB, disk_bytes=LOG_BYTES), {}, Lack.DISK),
        ([], Amount(64_000, 64 * GIB, disk_bytes=-1), {}, Lack.DISK),
        ([], HOST, {"host": HostState(is_short=True)}, Lack.HOST_MEMORY),
        ([Holder("standard")], HOST, {"host": HostState(is_short=True)}, Lack.HOST_MEMORY),
        ([Holder("starter", is_starting=True)], HOST, {"host": HostState(parallel_starts=1)}, Lack.STARTS),
    ],
)
def test_it_says_what_keeps_the_next_run_waiting(
    holders: list[Holder], capacity: Amount, more: dict[str, Any], lack: Lack
) -> None:
    found = lacking(holders, [old("a", "standard")], capacity, **more)
    assert found is not None
    assert found.lack is lack


def test_what_is_taken_includes_what_starts_now() -> None:
    found = lacking([], [old(name, "standard") for name in "abc"])
    assert found == Hindrance(Lack.MEMORY, Amount(2_000, 4 * GIB, 2 * PIDS_LIMIT, 2 * LOG_BYTES))


def test_nothing_keeps_a_run_waiting_where_none_waits() -> None:
    assert lacking([], []) is None
    assert lacking([], [old("a", "standard")]) is None
    assert lacking([], [], HOST, host=HostState(is_short=True)) is None


def test_what_is_paused_does_not_start_and_keeps_nobody_waiting() -> None:
    of_workflow = replace(old("1-large", "pro"), workflow_id="wfl-1")
    of_task = replace(old("2", "starter"), workflow_id="wfl-2", task_id="tsk-2")
    other = replace(old("3", "starter"), workflow_id="wfl-2", task_id="tsk-3")
    queue = [of_workflow, of_task, other]
    chosen = choose([Holder("standard")], queue, HOST, now_ms=NOW_MS, paused=frozenset({"wfl-1", "tsk-2"}))
    assert [run.run_id for run in chosen] == ["3"]


def test_a_parent_that_waits_does_not_start_a_child_that_is_paused() -> None:
    waiting = Holder("starter", is_waiting=True)
    below = replace(child("1", "pro"), task_id="tsk-1")
    tight = Amount(500, GIB)
    assert choose([waiting], [below], tight, now_ms=NOW_MS) == [below]
    assert choose([waiting], [below], tight, now_ms=NOW_MS, paused=frozenset({"tsk-1"})) == []
