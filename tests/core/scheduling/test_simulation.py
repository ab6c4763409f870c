"""Arrivals played through the functions that decide on real hosts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.plans import GIB, MIB
from orchestrator.core.scheduling.capacity import Amount, Reservation
from orchestrator.core.scheduling.pool import Kind, PoolLimits
from orchestrator.core.scheduling.simulation import Arrival, Setup, simulate

KIND = Kind("wfv-1", "starter")
TWO_CORES = Setup(Amount(2_000, 8 * GIB), Reservation(cpu_share=0.25), PoolLimits(GIB))


def arrivals(*at_ms: int, work_ms: int = 100) -> list[Arrival]:
    return [Arrival(at, 0, KIND, work_ms, 50 * MIB) for at in at_ms]


def test_the_first_run_is_cold_and_those_that_follow_are_warm() -> None:
    outcome = simulate(arrivals(0, 10_000, 20_000, 30_000), TWO_CORES)
    assert outcome.waits_ms == [TWO_CORES.cold_ms, *[TWO_CORES.warm_ms] * 3]
    assert outcome.hit_rate == 0.75


def test_runs_that_do_not_fit_wait_for_a_place() -> None:
    setup = Setup(Amount(500, 8 * GIB), Reservation(), None, cold_ms=0)
    assert simulate(arrivals(0, 0, 0), setup).waits_ms == [0, 100, 200]


def test_hosts_do_not_share_what_they_have() -> None:
    both = [Arrival(0, host, KIND, 100, MIB) for host in (0, 1)]
    assert simulate(both, Setup(Amount(500, GIB), Reservation(), None, cold_ms=0)).waits_ms == [0, 0]


@given(
    plays=st.lists(
        st.tuples(st.integers(0, 60_000), st.sampled_from(["wfv-1", "wfv-2"]), st.integers(1, 5_000)),
        min_size=1,
        max_size=60,
    ),
    budget_bytes=st.sampled_from([0, 20 * MIB, GIB]),
)
def test_every_run_starts_once_and_the_pool_stays_within_its_budget(
    plays: list[tuple[int, str, int]], budget_bytes: int
) -> None:
    setup = Setup(Amount(2_000, 4 * GIB), Reservation(cpu_share=0.25), PoolLimits(budget_bytes))
    outcome = simulate([Arrival(at, 0, Kind(version, "starter"), work, 50 * MIB) for at, version, work in plays], setup)
    assert len(outcome.waits_ms) == len(plays)
    assert all(wait_ms >= setup.warm_ms for wait_ms in outcome.waits_ms)
    assert outcome.most_warm * setup.warm_memory_bytes <= budget_bytes
