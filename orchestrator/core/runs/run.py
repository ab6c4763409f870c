"""A run and its attempts, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from orchestrator.core.container.forensics import UNSEEN, Forensics
from orchestrator.core.runs.retry import RetryPolicy


class Status(StrEnum):
    """Where a run is in its life. All of these are stored; `WIRE_STATUS` says what clients see."""

    QUEUED = "queued"
    BACKOFF = "backoff"
    """Between attempts, until `due_at_ms`."""
    STARTING = "starting"
    """Claimed: its container is being created, started and loads the user's code."""
    RUNNING = "running"
    """Assigned."""
    STOPPING = "stopping"
    """Its container is being ended, for `stop_cause`; the run goes on when the container is really gone."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


TERMINAL: Final = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELED})
ACTIVE: Final = frozenset({Status.STARTING, Status.RUNNING, Status.STOPPING})
"""The states in which an attempt may have a container."""

WIRE_STATUS: Final = {
    Status.QUEUED: "pending",
    Status.BACKOFF: "pending",
    Status.STARTING: "pending",
    Status.RUNNING: "running",
    Status.STOPPING: "running",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.CANCELED: "canceled",
}


class FailureClass(StrEnum):
    """Whose fault the end of an attempt was, and how it showed."""

    ERROR = "error"
    EXIT = "exit"
    TIMEOUT = "timeout"
    OOM = "oom"
    CANCELED = "canceled"
    VIOLATION = "violation"
    """The container broke the rules of its channel, or took more of it than a container may."""
    INFRA = "infra"


@dataclass(frozen=True, slots=True)
class FailedChild:
    """A chained run that did not complete; `type` is its exception's, or the class of its failure."""

    run_id: str
    task: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt did not succeed, in words a person can act on.

    `type` and `traceback` are the user's exception's, empty for other classes. `child` is the chained run whose failure the
    task did not handle.
    """

    cls: FailureClass
    message: str
    type: str = ""
    traceback: str = ""
    retryable: bool = True
    child: FailedChild | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a run: exactly one container, which is known by its channel; empty in attempts of earlier releases.

    `queued_at_ms` is when the wait for it began. `started_at_ms` is the assignment, None before it; `exit_code` is known once the
    container ended.
    """

    number: int
    claimed_at_ms: int
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    status: Status = Status.STARTING
    failure: Failure | None = None
    exit_code: int | None = None
    forensics: Forensics = UNSEEN
    channel_id: str = ""
    queued_at_ms: int | None = None

    @property
    def assigned_at_ms(self) -> int | None:
        """The assignment, where there was one: what failed before it counts as started when it was claimed."""
        was_assigned = self.started_at_ms != self.claimed_at_ms or self.forensics.ready_at_ms is not None
        return self.started_at_ms if was_assigned else None


@dataclass(frozen=True, slots=True)
class Call:
    """Which call of which parent's attempt a chained run answers; all three count from 0 or are ids."""

    parent_id: str
    attempt: int
    number: int


@dataclass(frozen=True, slots=True)
class Run:
    """One asking for a task. Its input and result are stored beside it, as JSON text.

    `fence` grows by one at every claim, so that whatever an earlier claim left behind can be told from this one.
    `due_at_ms` is when it was queued, or may be tried again; `attempt_deadline_at_ms` is None outside an attempt.
    `reserves_plan`: its plan's memory is reserved for all further attempts, whatever its task is known to need.
    `waits_for` says what it waits for where that is not its turn.
    `queue_ttl_s` is how long it may wait for capacity each time, `expires_at_ms` the end of all its time, waits included; None
    is no limit.
    `traceparent` is the span from which it was asked for (W3C Trace Context).
    `result_is_boxed`: the stored result is a list that its SDK put around what the task returned, empty for nothing.
    `rerun_of` is the run that this one does again, which may not be kept any more.
    """

    id: str
    workflow_id: str
    version_id: str
    task_id: str
    task: str
    plan: str
    timeout_s: int
    retry: RetryPolicy
    root_id: str
    depth: int
    call: Call | None
    created_at_ms: int
    due_at_ms: int
    queue_ttl_s: int | None = None
    expires_at_ms: int | None = None
    status: Status = Status.QUEUED
    fence: int = 0
    attempts: tuple[Attempt, ...] = ()
    charged_failures: int = 0
    infra_failures: int = 0
    attempt_deadline_at_ms: int | None = field(default=None, metadata={"alias": "deadline_at_ms"})
    stop_cause: Failure | None = None
    failure: Failure | None = None
    completed_at_ms: int | None = None
    waits_for: str | None = None
    reserves_plan: bool = False
    traceparent: str | None = None
    result_is_boxed: bool = False
    rerun_of: str | None = None

    @property
    def attempt(self) -> int:
        """The number of the latest attempt; -1 before the first."""
        return len(self.attempts) - 1

    @property
    def parent_id(self) -> str | None:
        """The run that asked for this one, None for a root."""
        return self.call.parent_id if self.call else None

    @property
    def is_terminal(self) -> bool:
        """Whether it will never change again."""
        return self.status in TERMINAL
