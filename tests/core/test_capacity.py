"""Which runs may start: small cases, and the bounds that hold for all of them."""

from __future__ import annotations

import cProfile
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.capacity import OVERTAKEN_MS, Amount, Holder, QueuedRun, choose, held, reserved, total
from orchestrator.core.container.spec import LOG_BYTES, PIDS_LIMIT, Usage
from orchestrator.core.plans import GIB, MIB, PLANS

HOST = Amount(2_000, 5 * GIB)
NOW_MS = 10 * OVERTAKEN_MS
PLAN_NAMES = sorted(PLANS)


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
    return choose(holders, queue, capacity, now_ms=NOW_MS)


def test_runs_start_as_long_as_they_fit() -> None:
    assert started([], [old("a", "standard"), old("b", "standard"), old("c", "standard")]) == ["a", "b"]


def test_a_root_that_waited_for_long_is_not_overtaken() -> None:
    assert started([Holder("standard")], [old("large", "pro"), young("small", "starter")]) == []


def test_a_young_root_lets_through_those_that_fit() -> None:
    queue = [young("large", "pro"), young("small", "starter"), young("middle", "standard"), young("tiny", "starter")]
    assert started([Holder("standard")], queue) == ["small", "tiny"]


def test_a_child_is_never_overtaken() -> None:
    assert started([Holder("standard")], [child("large", "pro"), young("small", "starter")]) == []


def test_a_plan_larger_than_the_host_starts_when_the_host_is_free() -> None:
    assert started([], [old("huge", "pro_ultra")]) == ["huge"]


def test_a_waiting_parent_holds_no_cpu_and_only_the_memory_and_processes_it_uses() -> None:
    waiting = Holder("pro", is_waiting=True, used=Usage(10 * MIB, 3))
    assert held(waiting, HOST) == Amount(0, 10 * MIB, 3, LOG_BYTES)


def test_a_parent_that_goes_on_holds_its_plan_again_and_nothing_starts_until_that_fits() -> None:
    parent, busy = Holder("pro"), Holder("standard")
    assert not total([parent, busy], HOST).fits(HOST)
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


def test_the_work_of_choosing_grows_with_what_there_is_and_no_faster() -> None:
    large = Amount(10**6, 10**15)

    def calls(size: int) -> int:
        holders = [Holder("starter", index % 2 == 0, Usage(MIB, 1)) for index in range(size)]
        queue = [young(str(index), "starter") for index in range(size)]
        profile = cProfile.Profile()
        assert len(profile.runcall(started, holders, queue, large)) == size
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(400) < 2.2 * calls(200)


HOLDERS = st.lists(
    st.builds(
        Holder,
        st.sampled_from(PLAN_NAMES),
        st.booleans(),
        st.builds(Usage, st.integers(0, 4 * GIB), st.integers(1, 512)),
    )
)
CAPACITIES = st.builds(
    Amount, st.integers(1, 64_000), st.integers(MIB, 64 * GIB), st.integers(1, 10_000), st.integers(0, GIB)
)


@given(
    holders=HOLDERS,
    queue=st.lists(
        st.builds(
            QueuedRun, st.uuids().map(str), st.sampled_from(PLAN_NAMES), st.integers(0, 2), st.integers(0, NOW_MS)
        )
    ),
    capacity=CAPACITIES,
)
def test_no_more_is_held_than_there_is_except_by_one_run_that_keeps_things_moving(
    holders: list[Holder], queue: list[QueuedRun], capacity: Amount
) -> None:
    chosen = started(holders, queue, capacity)
    wanted = [Holder(candidate.plan) for candidate in queue if candidate.run_id in chosen]
    is_idle = all(holder.is_waiting for holder in holders)
    assert [candidate.run_id for candidate in queue if candidate.run_id in chosen] == chosen, "in the queue's order"
    assert not chosen or total([*holders, *wanted], capacity).fits(capacity) or (is_idle and len(chosen) == 1)
    assert chosen or not queue or not is_idle, "somebody must always be working"


@given(holders=HOLDERS, queue=st.lists(st.builds(QueuedRun, st.uuids().map(str), st.sampled_from(PLAN_NAMES))))
def test_only_young_roots_are_overtaken(holders: list[Holder], queue: list[QueuedRun]) -> None:
    """With all of them old, the chosen are a prefix of the queue."""
    chosen = started(holders, queue)
    assert chosen == [candidate.run_id for candidate in queue[: len(chosen)]]


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
            QueuedRun(str(index), plan, created_at_ms=created_at[index])
            for index, (_, plan, _) in enumerate(arrivals)
            if index not in started_at and created_at[index] <= now_ms
        ]
        holders = [Holder(arrivals[index][1]) for index in ends_at]
        for run_id in choose(holders, queue, capacity, now_ms=now_ms):
            started_at[int(run_id)] = now_ms
            ends_at[int(run_id)] = now_ms + arrivals[int(run_id)][2]
    return started_at


def test_a_plan_is_clamped_to_the_host_but_processes_and_disk_are_not() -> None:
    assert reserved("pro_ultra", HOST) == Amount(2_000, 5 * GIB, PIDS_LIMIT, LOG_BYTES)
