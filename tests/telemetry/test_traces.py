"""A span for each run and attempt, with the ids that containers were told."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import decide
from orchestrator.core.runs.run import Failure, FailureClass, Run
from orchestrator.telemetry.traces import Traces, tracer_provider
from tests.core.sample_runs import NOW_MS, a_run, a_running_run, after

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Traced:
    """Traces that stay in memory."""

    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def __post_init__(self) -> None:
        provider = tracer_provider("test")
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.traces = Traces(provider)

    def happens(self, run: Run, event: ev.Event, now_ms: int = NOW_MS + 100) -> Run:
        changed = decide(run, event, now_ms=now_ms).run
        self.traces.changed(event, changed)
        return changed

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())


@pytest.fixture
def traced() -> Traced:
    return Traced()


def ids(span: ReadableSpan) -> tuple[str, str]:
    """Of the trace and of the span."""
    context = span.get_span_context()
    assert context is not None
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"


def parent(span: ReadableSpan) -> str | None:
    return f"{span.parent.span_id:016x}" if span.parent else None


def test_an_attempt_is_a_span_in_its_runs_with_its_steps_as_events(traced: Traced) -> None:
    found = Forensics(ready_at_ms=NOW_MS, first_line_at_ms=NOW_MS + 5)
    traced.happens(a_running_run(), ev.ResultReported(found))
    attempt, run = traced.spans
    assert (attempt.name, run.name) == ("attempt 1 of square", "square")
    assert parent(attempt) == ids(run)[1]
    assert run.parent is None
    assert [event.name for event in attempt.events] == ["claimed", "ready", "assigned", "first_line", "finished"]
    assert attempt.end_time == (NOW_MS + 100) * 1_000_000


def test_a_run_joins_its_callers_trace(traced: Traced) -> None:
    traced.happens(a_running_run(traceparent=GIVEN), ev.ResultReported())
    attempt, run = traced.spans
    assert {ids(attempt)[0], ids(run)[0]} == {GIVEN.split("-")[1]}
    assert parent(run) == GIVEN.split("-")[2]


@pytest.mark.parametrize("given", [None, GIVEN])
def test_what_user_code_is_told_is_the_span_that_comes_of_its_attempt(traced: Traced, given: str | None) -> None:
    running = a_running_run(traceparent=given)
    told = traced.traces.traceparent_of(running)
    traced.happens(running, ev.ResultReported())
    assert told == "00-{}-{}-01".format(*ids(traced.spans[0]))


def test_a_chained_run_is_a_span_in_its_parents_attempt(traced: Traced) -> None:
    running = a_running_run()
    child = a_running_run(id="trn-2", root_id="trn-1", traceparent=traced.traces.traceparent_of(running))
    traced.happens(child, ev.ResultReported())
    traced.happens(running, ev.ResultReported())
    _, child_run, attempt, run = traced.spans
    assert parent(child_run) == ids(attempt)[1]
    assert len({ids(span)[0] for span in traced.spans}) == 1
    assert run.parent is None


def test_each_attempt_of_a_run_has_a_span_and_a_failure_tells_its_kind_and_not_its_words(traced: Traced) -> None:
    failure = Failure(FailureClass.ERROR, "secret words", "ValueError", "secret lines")
    again = traced.happens(a_running_run(), ev.ErrorReported(failure))
    traced.happens(after(again, ev.BackoffElapsed(), ev.Claimed(NOW_MS), ev.ShimReady()), ev.ResultReported())
    first, second, run = traced.spans
    assert ids(first)[1] != ids(second)[1]
    assert parent(first) == parent(second) == ids(run)[1]
    assert (first.status.is_ok, run.status.is_ok) == (False, True)
    assert "secret" not in first.to_json()


def test_a_run_that_never_began_is_a_span_too(traced: Traced) -> None:
    traced.happens(a_run(), ev.CancelRequested("asked"))
    assert [span.name for span in traced.spans] == ["square"]


def test_what_the_caller_does_not_record_is_not_recorded_here_and_users_are_told(traced: Traced) -> None:
    running = a_running_run(traceparent=f"{GIVEN[:-2]}00")
    assert traced.traces.traceparent_of(running).endswith("-00")
    traced.happens(running, ev.ResultReported())
    assert traced.spans == []


def test_a_sampler_decides_where_no_caller_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    traced = Traced()
    runs = [a_running_run(id=f"trn-{number}", root_id=f"trn-{number}") for number in range(40)]
    told = {run.id: traced.traces.traceparent_of(run)[-2:] for run in runs}
    for run in runs:
        traced.happens(run, ev.ResultReported())
    recorded = {(span.attributes or {})["orchestrator.run.id"] for span in traced.spans}
    assert recorded == {run_id for run_id, flags in told.items() if flags == "01"}
    assert 0 < len(recorded) < 40
    assert len(traced.spans) == 2 * len(recorded)
