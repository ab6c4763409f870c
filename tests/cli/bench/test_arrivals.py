from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.cli.bench.arrivals import BURST, Workload, arrivals
from orchestrator.cli.bench.pattern import Pattern


@given(
    pattern=st.sampled_from(Pattern),
    hosts=st.integers(1, 50),
    runs=st.integers(1, 200),
    rate_per_s=st.floats(0.01, 100),
    seed=st.integers(),
)
def test_as_many_runs_come_as_were_asked_for_in_order_and_on_hosts_that_exist(
    pattern: Pattern, hosts: int, runs: int, rate_per_s: float, seed: int
) -> None:
    come = list(arrivals(Workload(pattern, hosts, runs, rate_per_s, seed=seed)))
    assert len(come) == runs
    assert all(before.at_ms <= after.at_ms for before, after in pairwise(come))
    assert all(0 <= one.host < hosts and one.work_ms > 0 for one in come)


@pytest.mark.parametrize("pattern", Pattern)
def test_the_same_seed_gives_the_same_arrivals(pattern: Pattern) -> None:
    workload = Workload(pattern, hosts=3, runs=100)
    assert list(arrivals(workload)) == list(arrivals(workload))
    assert list(arrivals(workload)) != list(arrivals(Workload(pattern, hosts=3, runs=100, seed=2)))


def test_steady_runs_come_at_the_rate_of_all_hosts_together() -> None:
    come = list(arrivals(Workload(hosts=10, runs=5_000, rate_per_s=2)))
    assert come[-1].at_ms / 1000 == pytest.approx(250, rel=0.1)


def test_a_burst_comes_at_once_on_one_host_for_one_workflow() -> None:
    bursts = Counter((one.at_ms, one.host, one.kind) for one in arrivals(Workload(Pattern.BURSTS, hosts=5, runs=4_000)))
    assert sum(bursts.values()) / len(bursts) == pytest.approx(BURST, rel=0.3)


def test_more_runs_come_by_day_than_by_night() -> None:
    come = list(arrivals(Workload(Pattern.DAILY, runs=600)))
    by_day = [one for one in come if 150_000 <= one.at_ms % 600_000 < 450_000]
    assert len(by_day) > 2 * (len(come) - len(by_day))


def test_ten_times_as_many_come_in_a_spike() -> None:
    come = list(arrivals(Workload(Pattern.SPIKE, runs=4_000)))
    spike = [one for one in come if 1_000_000 <= one.at_ms < 1_200_000]
    before = [one for one in come if 800_000 <= one.at_ms < 1_000_000]
    assert len(spike) / len(before) == pytest.approx(10, rel=0.3)


def test_the_first_workflow_is_asked_for_most() -> None:
    kinds = Counter(one.kind.version_id for one in arrivals(Workload(runs=3_000)))
    assert [name for name, _ in kinds.most_common()] == ["workflow-0", "workflow-1", "workflow-2"]
