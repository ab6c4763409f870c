from __future__ import annotations

from orchestrator.cli.bench.arrivals import Workload
from orchestrator.cli.bench.pattern import Pattern
from orchestrator.cli.bench.simulating import Choice, Played, SimulatedHost, choices, play
from orchestrator.core.plans import GIB, MIB

HOST = SimulatedHost(reserved_bytes=150 * MIB)


def played(workload: Workload, **settings: list[float]) -> list[Played]:
    offered = choices([5, 0], [512 * MIB], settings.get("overcommits", [0.25]))
    return list(play(workload, HOST, offered))


def test_every_combination_of_settings_is_a_choice() -> None:
    assert choices([0, 5], [GIB], [0.25, 1.0]) == [
        Choice(0, GIB, 0.25),
        Choice(0, GIB, 1.0),
        Choice(5, GIB, 0.25),
        Choice(5, GIB, 1.0),
    ]


def test_all_choices_see_the_same_runs_and_a_pool_makes_them_start_sooner() -> None:
    with_pool, without = (one.as_json() for one in played(Workload(runs=200)))
    assert with_pool["runs"] == without["runs"] == 200
    assert without["hitRate"] == 0.0
    assert with_pool["hitRate"] > 0.9
    assert with_pool["firstLine"]["p50"] < without["firstLine"]["p50"]


def test_with_less_reserved_for_each_run_a_burst_waits_less() -> None:
    shared, strict = (
        next(play(Workload(Pattern.BURSTS, runs=200), HOST, [Choice(0, 0, overcommit)])) for overcommit in (0.25, 1.0)
    )
    assert shared.outcome.most_running > strict.outcome.most_running
    assert sum(shared.outcome.queued_ms) < sum(strict.outcome.queued_ms)


def test_many_hosts_are_played_like_one() -> None:
    (one,) = play(Workload(hosts=100, runs=300), HOST, [Choice(5, GIB, 0.25)])
    assert len(one.outcome.waits_ms) == len(one.outcome.queued_ms) == 300
