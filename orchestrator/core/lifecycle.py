"""The life of a run: which event is legal in which state, and what follows.

Rule 1: `TABLE` decides: an event does what its row says, and nothing else changes a run. docs/lifecycle.md is printed from it.
Rule 2: an event that is not in the table raises IllegalEvent, and nothing has changed. Late and duplicate events are normal
        (a container may report an outcome while it is being stopped), so callers ignore the error after logging it.

What the rows do is in transitions.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from orchestrator.core import events as ev
from orchestrator.core import transitions as tr
from orchestrator.core.run import Run, Status
from orchestrator.core.transitions import Decision

__all__ = ["TABLE", "Decision", "IllegalEvent", "Row", "decide"]

E = TypeVar("E", bound=ev.Event)


@dataclass(frozen=True, slots=True)
class Row:
    """What an event in a state does, and the states in which it may leave the run."""

    status: Status
    event: type
    transition: Callable[[Run, Any, int], Decision]
    targets: tuple[Status, ...]


def _row(status: Status, event: type[E], transition: Callable[[Run, E, int], Decision], *targets: Status) -> Row:
    """The event is the one that the transition is for: a type checker sees to it."""
    return Row(status, event, transition, targets)


TABLE: Final[Mapping[tuple[Status, type], Row]] = {
    (row.status, row.event): row
    for row in (
        _row(Status.QUEUED, ev.Claimed, tr.claim, Status.STARTING),
        _row(Status.QUEUED, ev.CancelRequested, tr.cancel, Status.CANCELED),
        _row(Status.QUEUED, ev.QueueExpired, tr.expire, Status.FAILED),
        _row(Status.BACKOFF, ev.BackoffElapsed, tr.queue_again, Status.QUEUED),
        _row(Status.BACKOFF, ev.CancelRequested, tr.cancel, Status.CANCELED),
        _row(Status.STARTING, ev.ShimReady, tr.assign, Status.RUNNING),
        _row(Status.STARTING, ev.ErrorReported, tr.report_error, Status.BACKOFF, Status.FAILED),
        _row(Status.STARTING, ev.ContainerExited, tr.lose_container, Status.BACKOFF, Status.FAILED),
        _row(Status.STARTING, ev.ImageAwaited, tr.await_image, Status.BACKOFF, Status.FAILED),
        _row(Status.STARTING, ev.DeadlinePassed, tr.time_out, Status.STOPPING),
        _row(Status.STARTING, ev.CancelRequested, tr.stop, Status.STOPPING),
        _row(Status.RUNNING, ev.ResultReported, tr.complete, Status.COMPLETED),
        _row(Status.RUNNING, ev.ErrorReported, tr.report_error, Status.BACKOFF, Status.FAILED),
        _row(Status.RUNNING, ev.ContainerExited, tr.lose_container, Status.BACKOFF, Status.FAILED),
        _row(Status.RUNNING, ev.DeadlinePassed, tr.time_out, Status.STOPPING),
        _row(Status.RUNNING, ev.CancelRequested, tr.stop, Status.STOPPING),
        _row(Status.STOPPING, ev.ContainerExited, tr.finish_stop, Status.BACKOFF, Status.CANCELED, Status.FAILED),
        _row(Status.STOPPING, ev.CancelRequested, tr.outrank, Status.STOPPING),
    )
}


class IllegalEvent(Exception):  # noqa: N818
    """The event cannot happen in the run's state; the run is unchanged."""

    def __init__(self, run: Run, event: ev.Event) -> None:
        super().__init__(f"run {run.id} is {run.status}, attempt {run.attempt}: {type(event).__name__} does not apply")


def decide(run: Run, event: ev.Event, *, now_ms: int) -> Decision:
    """What becomes of the run. Raises IllegalEvent when the table has no row for the event in its status."""
    row = TABLE.get((run.status, type(event)))
    if row is None:
        raise IllegalEvent(run, event)
    return row.transition(run, event, now_ms)
