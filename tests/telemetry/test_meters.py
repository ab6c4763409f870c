"""What is counted of runs, builds and calls, as Prometheus' own parser reads it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from orchestrator.core.container.forensics import Forensics, Measured
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import decide
from orchestrator.core.runs.run import Failure, FailureClass, Run
from orchestrator.telemetry.meters import TASKS_LIMIT, Meters
from tests.core.sample_runs import NOW_MS, a_run, a_running_run, after


def shown(meters: Meters) -> dict[str, float]:
    """The samples, without buckets and times of creation, by ``name{label values}``, labels in the order of their names."""
    return {
        f"{sample.name}{{{','.join(sample.labels.values())}}}": sample.value
        for family in text_string_to_metric_families(meters.exposition().decode())
        for sample in family.samples
        if not sample.name.endswith(("_bucket", "_created"))
    }


def ends(meters: Meters, run: Run, event: ev.Event, now_ms: int = NOW_MS) -> Run:
    ended = decide(run, event, now_ms=now_ms).run
    meters.changed(event, ended)
    return ended


def test_the_end_of_an_attempt_counts_its_outcome_its_steps_and_what_it_used() -> None:
    meters, run = Meters(), a_running_run()
    found = Forensics(ready_at_ms=NOW_MS, is_warm=True, measured=Measured(cpu_ms=1_500))
    ends(meters, run, ev.ResultReported(found), NOW_MS + 2_000)
    samples = shown(meters)
    assert samples["orchestrator_attempts_total{completed,square,wfl-1}"] == 1
    assert samples["orchestrator_runs_ended_total{completed}"] == 1
    assert samples["orchestrator_run_step_seconds_sum{finished,true}"] == 2.0
    assert samples["orchestrator_run_cpu_seconds_total{}"] == 1.5


def test_failures_are_counted_by_class_and_a_retry_is_no_end_of_a_run() -> None:
    meters = Meters()
    again = ends(meters, a_running_run(), ev.ErrorReported(Failure(FailureClass.ERROR, "boom")))
    running = after(again, ev.BackoffElapsed(), ev.Claimed(NOW_MS), ev.ShimReady())
    ends(meters, running, ev.ContainerExited(Failure(FailureClass.OOM, "too much", retryable=False), 137))
    samples = shown(meters)
    assert samples["orchestrator_attempts_total{error,square,wfl-1}"] == 1
    assert samples["orchestrator_attempts_total{oom,square,wfl-1}"] == 1
    assert samples["orchestrator_runs_ended_total{failed}"] == 1


def test_a_run_that_never_began_counts_as_a_run_alone() -> None:
    meters = Meters()
    ends(meters, a_run(), ev.CancelRequested("asked"))
    samples = shown(meters)
    assert samples["orchestrator_runs_ended_total{canceled}"] == 1
    assert not any(name.startswith("orchestrator_attempts_total") for name in samples)


def test_the_steps_after_the_end_are_counted_once_when_nothing_is_left() -> None:
    meters = Meters()
    run = ends(meters, a_running_run(), ev.ResultReported(), NOW_MS + 10)
    found = replace(run.attempts[0].forensics, acknowledged_at_ms=NOW_MS + 11, removed_at_ms=NOW_MS + 61)
    meters.left(run, 0, found)
    samples = shown(meters)
    assert samples["orchestrator_run_step_seconds_sum{removed,false}"] == pytest.approx(0.05)
    assert samples["orchestrator_run_step_seconds_count{finished,false}"] == 1


def test_more_tasks_than_are_told_apart_are_one() -> None:
    meters = Meters()
    for number in range(TASKS_LIMIT + 10):
        ends(meters, a_running_run(task=f"task{number}"), ev.ResultReported())
    samples = shown(meters)
    assert samples["orchestrator_attempts_total{completed,other,other}"] == 10
    assert sum(name.startswith("orchestrator_attempts_total") for name in samples) == TASKS_LIMIT + 1


def test_calls_to_the_engine_followers_and_builds_are_measured() -> None:
    meters = Meters()
    meters.engine_called("create", 0.25, is_ok=True)
    with meters.following("logs"):
        assert shown(meters)["orchestrator_followers{logs}"] == 1
    with meters.building():
        assert shown(meters)["orchestrator_builds_in_progress{}"] == 1
    with pytest.raises(ValueError, match="no"), meters.building():
        raise ValueError("no")
    samples = shown(meters)
    assert samples["orchestrator_engine_call_seconds_sum{create,ok}"] == 0.25
    assert samples["orchestrator_followers{logs}"] == 0
    assert samples["orchestrator_build_seconds_count{ready}"] == 1
    assert samples["orchestrator_build_seconds_count{failed}"] == 1


def test_other_sources_are_read_each_time() -> None:
    meters, values = Meters(), iter((1, 2))
    meters.read(lambda: [GaugeMetricFamily("orchestrator_x", "X.", value=next(values))])
    assert [shown(meters)["orchestrator_x{}"] for _ in range(2)] == [1, 2]


def test_two_of_them_share_nothing() -> None:
    one, other = Meters(), Meters()
    one.engine_called("ping", 0.1, is_ok=False)
    assert "orchestrator_engine_call_seconds_count{ping,error}" not in shown(other)
