"""Which runs may start: small cases, and the bounds that hold for all of them."""

from __future__ import annotations

import cProfile
import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.container.spec import LOG_BYTES, PIDS_LIMIT, Usage
from orchestrator.core.plans import GIB, MIB
from orchestrator.core.scheduling.capacity import STRICT, Amount, Holder, Reservation
from orchestrator.core.scheduling.dispatch import (
    OVERTAKEN_MS,
    Hindrance,
    HostState,
    Lack,
    QueuedRun,
    choice,
    choose,
)
from orchestrator.core.scheduling.estimate import Need
from tests.core.scheduling.queues import HOST, NOW_MS, PLAN_NAMES, SHARED, child, old, started, young


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
