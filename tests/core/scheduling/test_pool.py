"""How many containers are started ahead: small cases, and the bounds that hold for all of them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.plans import GIB, MIB
from orchestrator.core.scheduling.pool import (
    Demand,
    Kind,
    PoolLimits,
    PoolPlan,
    Rests,
    Situation,
    WarmContainer,
    plan_pool,
)

NOW_MS = 10_000_000
A, B = Kind("wfv-a", "starter"), Kind("wfv-b", "starter")
LIMITS = PoolLimits(budget_bytes=GIB, starts_at_once=10)
CALM = Situation({A: 0, B: 0}, spare_bytes=GIB, are_runs_waiting=False, start_ms=300, now_ms=NOW_MS)


def arrived(*arrivals: tuple[Kind, int]) -> Demand:
    """Each so many ms ago."""
    demand = Demand()
    for kind, ago_ms in sorted(arrivals, key=lambda one: -one[1]):
        demand.note(kind, NOW_MS - ago_ms)
    return demand


def warm(name: str, kind: Kind = A, age_ms: int = 1_000, memory_bytes: int = 20 * MIB) -> WarmContainer:
    return WarmContainer(name, kind, NOW_MS - age_ms, memory_bytes)


def test_without_demand_there_is_nothing() -> None:
    assert plan_pool(Demand(), [], LIMITS, CALM) == PoolPlan()


def test_one_arrival_makes_two_ready_one_for_the_next_and_one_for_its_neighbour() -> None:
    assert plan_pool(arrived((A, 50)), [], LIMITS, CALM).start == (A, A)


def test_as_many_are_ready_as_came_at_once_but_no_more_than_the_limit() -> None:
    assert len(plan_pool(arrived((A, 50), (A, 60), (A, 70)), [], LIMITS, CALM).start) == 4
    assert len(plan_pool(arrived(*[(A, ago) for ago in range(50)]), [], LIMITS, CALM).start) == LIMITS.most_per_kind


def test_a_minimum_is_kept_without_demand() -> None:
    assert plan_pool(Demand(), [], LIMITS, replace(CALM, minimums={A: 2})).start == (A, A)


def test_a_kind_that_nobody_asks_for_any_more_goes() -> None:
    demand = arrived((A, LIMITS.idle_ms))
    assert plan_pool(demand, [warm("1")], LIMITS, CALM) == PoolPlan(stop=("1",))


def test_a_version_that_no_longer_serves_is_drained() -> None:
    assert plan_pool(arrived((A, 50)), [warm("1")], LIMITS, replace(CALM, minimums={B: 0})) == PoolPlan(stop=("1",))


def test_one_that_is_too_old_is_replaced() -> None:
    found = plan_pool(arrived((A, 50)), [warm("1", age_ms=LIMITS.max_age_ms), warm("2")], LIMITS, CALM)
    assert found == PoolPlan(start=(A,), stop=("1",))


def test_nothing_is_started_ahead_while_runs_wait() -> None:
    assert plan_pool(arrived((A, 50)), [], LIMITS, replace(CALM, are_runs_waiting=True)) == PoolPlan()


def test_it_yields_to_runs_first_what_was_asked_for_longest_ago() -> None:
    pool = [warm("a1"), warm("a2"), warm("b1", B), warm("b2", B)]
    demand = arrived((A, 60_000), (B, 50))
    assert plan_pool(demand, pool, LIMITS, replace(CALM, spare_bytes=50 * MIB)).stop == ("a1", "a2")
    assert set(plan_pool(demand, pool, LIMITS, replace(CALM, spare_bytes=0)).stop) == {"a1", "a2", "b1", "b2"}


def test_every_kind_in_demand_gets_its_first_before_any_gets_its_second() -> None:
    demand = arrived((A, 10), (A, 11), (B, 60_000))
    assert plan_pool(demand, [warm("a1")], replace(LIMITS, starts_at_once=1), CALM).start == (B,)


KINDS = st.sampled_from([A, B, Kind("wfv-c", "standard")])
WARM = st.lists(
    st.builds(
        WarmContainer,
        st.uuids().map(str),
        KINDS,
        st.integers(0, 4_000_000).map(lambda ago: NOW_MS - ago),
        st.integers(0, 200 * MIB),
    ),
    max_size=12,
)


@given(
    arrivals=st.lists(st.tuples(KINDS, st.integers(0, 2_000_000)), max_size=40),
    pool=WARM,
    minimums=st.dictionaries(KINDS, st.integers(0, 3)),
    budget_bytes=st.integers(0, GIB),
    spare_bytes=st.integers(-GIB, GIB),
    are_runs_waiting=st.booleans(),
)
def test_it_stays_within_its_budget_and_comes_to_rest(
    arrivals: list[tuple[Kind, int]],
    pool: list[WarmContainer],
    minimums: dict[Kind, int],
    budget_bytes: int,
    spare_bytes: int,
    are_runs_waiting: bool,
) -> None:
    limits = replace(LIMITS, budget_bytes=budget_bytes)
    situation = Situation(minimums, spare_bytes, are_runs_waiting, 300, NOW_MS)
    demand = arrived(*arrivals)
    for step in range(60):
        found = plan_pool(demand, pool, limits, situation)
        assert set(found.stop) <= {one.id for one in pool}, "only what is there can go"
        assert set(found.start) <= set(minimums), "only what may be started ahead is"
        assert not (found.start and are_runs_waiting)
        pool = [one for one in pool if one.id not in found.stop]
        assert sum(one.memory_bytes for one in pool) <= max(0, min(budget_bytes, spare_bytes))
        pool += [warm(f"new-{step}-{index}", kind, 0, 0) for index, kind in enumerate(found.start)]
        if not found.start and not found.stop:
            return
    raise AssertionError("it starts and stops for ever")


def test_of_a_kind_that_loads_there_is_no_second_start_but_others_have_theirs() -> None:
    demand = arrived((A, 50), (B, 60))
    assert set(plan_pool(demand, [], LIMITS, replace(CALM, loading=frozenset({A}))).start) == {B}


def test_a_version_whose_containers_end_while_they_wait_rests_twice_as_long_each_time() -> None:
    rests = Rests(first_ms=100, most_ms=300)
    rests.note("v", 0)
    rests.note("v", 50)  # of the same time
    assert (rests.has("v", 99), rests.has("v", 100), rests.has("w", 0)) == (True, False, False)
    rests.note("v", 101)
    assert (rests.has("v", 300), rests.has("v", 301)) == (True, False)
    rests.note("v", 302)
    assert (rests.has("v", 601), rests.has("v", 602)) == (True, False)


def test_a_version_that_did_well_for_long_rests_as_if_it_were_the_first_time() -> None:
    rests = Rests(first_ms=100, most_ms=300)
    rests.note("v", 0)
    rests.note("v", 1_000)
    assert (rests.has("v", 1_099), rests.has("v", 1_100)) == (True, False)
