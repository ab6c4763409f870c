"""A span for each run and each of its attempts, made when they end of what is known of them then.

Their ids are those of core/runs/trace.py, which containers were told before there was a span.
"""

from __future__ import annotations

from typing import Final

from opentelemetry import trace as api
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags

from orchestrator import __version__
from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs import events as ev
from orchestrator.core.runs import trace
from orchestrator.core.runs.run import Attempt, Failure, Run
from orchestrator.core.runs.steps import steps

_ENDS: Final = (ev.ResultReported, ev.ErrorReported, ev.ContainerExited)
_NS: Final = 1_000_000
Facts = dict[str, str | int | bool]


class _Derived(IdGenerator):
    """Gives the ids that it was told, for a span that is made at once."""

    trace_id = span_id = 0

    def generate_trace_id(self) -> int:
        return self.trace_id

    def generate_span_id(self) -> int:
        return self.span_id


def tracer_provider(service: str) -> TracerProvider:
    """One of our own, which is nobody's global one; sampling and limits are by OpenTelemetry's variables."""
    resource = Resource.create({"service.name": service, "service.version": __version__})
    return TracerProvider(resource=resource, id_generator=_Derived(), shutdown_on_exit=False)


class Traces:
    """An observer of runs."""

    def __init__(self, provider: TracerProvider) -> None:
        assert isinstance(provider.id_generator, _Derived)
        self._ids = provider.id_generator
        self._sampler = provider.sampler
        self._tracer = provider.get_tracer("orchestrator", __version__)

    def traceparent_of(self, run: Run) -> str:
        """For the user code of its newest attempt, and for the runs it asks for."""
        return trace.in_attempt(run, f"{self._flags(run):02x}")

    def changed(self, event: ev.Event, run: Run) -> None:
        """Make the spans of what has ended."""
        if isinstance(event, _ENDS):
            self._attempt_ended(run, run.attempts[-1])
        if run.is_terminal:
            self._run_ended(run)

    def left(self, run: Run, attempt: int, found: Forensics) -> None:
        """Its span has been made."""

    def _attempt_ended(self, run: Run, attempt: Attempt) -> None:
        facts: Facts = {
            "orchestrator.run.id": run.id,
            "orchestrator.attempt": attempt.number,
            "orchestrator.attempt.warm": attempt.forensics.is_warm,
        }
        self._ids.span_id = int(trace.attempt_span_id(run, attempt.number), 16)
        parent = self._context(run, trace.run_span_id(run))
        began_ms = attempt.queued_at_ms or attempt.claimed_at_ms
        span = self._tracer.start_span(
            f"attempt {attempt.number + 1} of {run.task}", parent, attributes=facts, start_time=began_ms * _NS
        )
        for step in steps(attempt):
            span.add_event(step.name, timestamp=step.to_ms * _NS)
        _end(span, attempt.failure, attempt.ended_at_ms)

    def _run_ended(self, run: Run) -> None:
        facts: Facts = {
            "orchestrator.run.id": run.id,
            "orchestrator.root_run.id": run.root_id,
            "orchestrator.task": run.task,
            "orchestrator.workflow.id": run.workflow_id,
            "orchestrator.version.id": run.version_id,
            "orchestrator.plan": run.plan,
            "orchestrator.attempts": len(run.attempts),
        }
        self._ids.trace_id = int(trace.trace_id(run), 16)
        self._ids.span_id = int(trace.run_span_id(run), 16)
        parent_id = trace.parent_span_id(run)
        parent = self._context(run, parent_id) if parent_id else Context()
        span = self._tracer.start_span(run.task, parent, attributes=facts, start_time=run.created_at_ms * _NS)
        _end(span, run.failure, run.completed_at_ms)

    def _context(self, run: Run, span_id: str) -> Context:
        flags = TraceFlags(self._flags(run))
        known = SpanContext(int(trace.trace_id(run), 16), int(span_id, 16), is_remote=True, trace_flags=flags)
        return api.set_span_in_context(NonRecordingSpan(known), Context())

    def _flags(self, run: Run) -> int:
        """The caller's word on whether the trace is recorded; without one, the sampler's, which asks the trace's id alone."""
        given = trace.flags(run)
        if given is not None:
            return int(given, 16)
        decided = self._sampler.should_sample(Context(), int(trace.trace_id(run), 16), run.task)
        return int(trace.SAMPLED, 16) if decided.decision is Decision.RECORD_AND_SAMPLE else 0


def _end(span: api.Span, failure: Failure | None, at_ms: int | None) -> None:
    """What users' exceptions say stays here: only their kind is told."""
    if failure is not None:
        span.set_attribute("orchestrator.failure.class", failure.cls)
        if failure.type:
            span.set_attribute("exception.type", failure.type)
        span.set_status(Status(StatusCode.ERROR, failure.cls))
    span.end(at_ms * _NS if at_ms is not None else None)
