"""What a row says of a run: what lists, trees and those who follow changes are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestrator.core.runs.run import WIRE_STATUS, Attempt, Call, Failure, Run, Status

MESSAGE_CHARS: Final = 200
SPANS_LIMIT: Final = 20
"""Of so many of the newest attempts a row has the times: a run may have a thousand."""

Span = tuple[int, int | None, int | None]
"""When an attempt was claimed, started and ended, in ms since its run was made."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A failure in a line: the exception's type, else its class, and the first line of the message.

    `child_id` is the chained run it came from; empty when it is the run's own.
    """

    type: str
    message: str
    child_id: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """How far a running run says it is; `fraction` is from 0 to 1, None when it says no more than its message."""

    fraction: float | None
    message: str


@dataclass(slots=True)  # not frozen: ten thousand of them are made for one answer, which would take three times as long
class Summary:
    """A run as one row; `status` is the one on the wire, `attempts` counts those that have begun.

    `started_at_ms` is the first attempt's, `is_warm` whether the newest found a container that had been started ahead,
    `retry_at_ms` is set between attempts, `waits_for` where a pending run does not just wait for its turn.
    """

    id: str
    root_id: str
    workflow_id: str
    task: str
    status: str
    created_at_ms: int
    parent_id: str | None = None
    started_at_ms: int | None = None
    completed_at_ms: int | None = None
    attempts: int = 0
    is_warm: bool = False
    failure: Brief | None = None
    retry_at_ms: int | None = None
    waits_for: str | None = None
    spans: list[Span] = field(default_factory=list)
    progress: Reported | None = None


@dataclass(frozen=True, slots=True)
class GlimpsedForensics:
    """As much of `Forensics`."""

    is_warm: bool = False


@dataclass(frozen=True, slots=True)
class GlimpsedAttempt:
    """As much of an `Attempt`."""

    claimed_at_ms: int
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    forensics: GlimpsedForensics = GlimpsedForensics()  # immutable


@dataclass(frozen=True, slots=True)
class Glimpse:
    """As much of a `Run` as its summary is made of: reading all of ten thousand documents takes twice the time."""

    id: str
    workflow_id: str
    task: str
    root_id: str
    call: Call | None
    created_at_ms: int
    due_at_ms: int
    status: Status = Status.QUEUED
    attempts: tuple[GlimpsedAttempt, ...] = ()
    failure: Failure | None = None
    completed_at_ms: int | None = None
    waits_for: str | None = None


def summary(run: Run | Glimpse) -> Summary:
    """The run as a row."""
    attempts = run.attempts
    return Summary(
        id=run.id,
        root_id=run.root_id,
        workflow_id=run.workflow_id,
        task=run.task,
        status=WIRE_STATUS[run.status],
        created_at_ms=run.created_at_ms,
        parent_id=run.call.parent_id if run.call else None,
        started_at_ms=_started_at_ms(attempts) if attempts else None,
        completed_at_ms=run.completed_at_ms,
        attempts=len(attempts),
        is_warm=bool(attempts) and attempts[-1].forensics.is_warm,
        failure=brief(run.failure) if run.failure else None,
        retry_at_ms=run.due_at_ms if run.status is Status.BACKOFF else None,
        waits_for=run.waits_for,
        spans=[_span(attempt, run.created_at_ms) for attempt in attempts[-SPANS_LIMIT:]],
    )


def brief(failure: Failure) -> Brief:
    """The failure in a line."""
    line = failure.message.strip().partition("\n")[0]
    message = line if len(line) <= MESSAGE_CHARS else f"{line[: MESSAGE_CHARS - 1]}…"
    return Brief(failure.type or failure.cls.value, message, failure.child.run_id if failure.child else "")


def _started_at_ms(attempts: Sequence[Attempt | GlimpsedAttempt]) -> int | None:
    return next((attempt.started_at_ms for attempt in attempts if attempt.started_at_ms is not None), None)


def _span(attempt: Attempt | GlimpsedAttempt, since_ms: int) -> Span:
    started_at_ms, ended_at_ms = attempt.started_at_ms, attempt.ended_at_ms
    return (
        attempt.claimed_at_ms - since_ms,
        None if started_at_ms is None else started_at_ms - since_ms,
        None if ended_at_ms is None else ended_at_ms - since_ms,
    )
