"""What can happen to a run (past tense), and what must then be done (imperative)."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.core.container.forensics import UNSEEN, Forensics
from orchestrator.core.runs.run import Failure

# --- events ---


@dataclass(frozen=True, slots=True)
class Claimed:
    """The scheduler took the run from the queue for its next attempt, whose container has the channel `channel_id`."""

    start_deadline_ms: int
    channel_id: str = ""


@dataclass(frozen=True, slots=True)
class ShimReady:
    """The container has loaded the user's code and waits for its assignment."""

    forensics: Forensics = UNSEEN


@dataclass(frozen=True, slots=True)
class ResultReported:
    """The task returned; the value travels beside the event, `is_boxed` as in `wire.Result`."""

    forensics: Forensics = UNSEEN
    is_boxed: bool = False


@dataclass(frozen=True, slots=True)
class ErrorReported:
    """The task raised, or its module could not be loaded."""

    failure: Failure
    forensics: Forensics = UNSEEN


@dataclass(frozen=True, slots=True)
class ContainerExited:
    """The attempt's container is no longer running; `failure` is the verdict should no outcome have been accepted."""

    failure: Failure
    exit_code: int | None
    forensics: Forensics = UNSEEN


@dataclass(frozen=True, slots=True)
class ImageAwaited:
    """There is no image to start the attempt from, which is no attempt then: it is being built again; `reason` says so."""

    reason: str


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The attempt's time is over."""


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """A client, or the end of the parent's attempt, asked for the run to stop."""

    reason: str


@dataclass(frozen=True, slots=True)
class BackoffElapsed:
    """The wait before the next attempt is over."""


@dataclass(frozen=True, slots=True)
class QueueExpired:
    """The run waited for capacity for as long as it may."""


Event = (
    Claimed
    | ShimReady
    | ResultReported
    | ErrorReported
    | ContainerExited
    | ImageAwaited
    | DeadlinePassed
    | CancelRequested
    | BackoffElapsed
    | QueueExpired
)

# --- effects ---


@dataclass(frozen=True, slots=True)
class SendAssignment:
    """Give the ready container its one task."""


@dataclass(frozen=True, slots=True)
class AcknowledgeOutcome:
    """Tell the container that its outcome is recorded, so that it exits."""


@dataclass(frozen=True, slots=True)
class StopContainer:
    """SIGTERM, grace, SIGKILL."""

    reason: str


@dataclass(frozen=True, slots=True)
class CancelDescendants:
    """Cancel the unfinished runs that the ended attempt asked for, and theirs."""

    reason: str


Effect = SendAssignment | AcknowledgeOutcome | StopContainer | CancelDescendants
