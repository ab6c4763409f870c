"""A run as the supervisor of one of its attempts knows it: changed through the store, and read only when others changed it."""

from __future__ import annotations

import logging
from typing import Final

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import IllegalEvent
from orchestrator.core.runs.run import ACTIVE, Run, Status
from orchestrator.scheduler.context import Context
from orchestrator.store.runs.feed import Change

log = logging.getLogger(__name__)

_NO_NEWS: Final = frozenset({Status.QUEUED, Status.STARTING, Status.RUNNING})
"""Nobody takes a run that has an attempt to the first, of which the feed may tell late; only its own scheduler to the others."""


class AttemptRun:
    """The run during its attempt number `run.attempt`, claimed under `run.fence`."""

    def __init__(self, context: Context, run: Run) -> None:
        self._context = context
        self.known = run
        self.attempt = run.attempt
        self.fence = run.fence

    @property
    def is_over(self) -> bool:
        """Whether the attempt's end is stored, whoever stored it: nothing of it changes the run any more."""
        return self.known.fence != self.fence or self.known.status not in ACTIVE

    @property
    def deadline_at_ms(self) -> int | None:
        """When its time is over; None when that does not matter any more."""
        return None if self.is_over else self.known.attempt_deadline_at_ms

    @property
    def is_assigned(self) -> bool:
        """Whether the container may have the task."""
        return not self.is_over and self.known.status is Status.RUNNING

    @property
    def assigned_at_ms(self) -> int | None:
        """When the container was given the task; None before that, or when others know by now."""
        return self.known.attempts[-1].started_at_ms if self.is_assigned else None

    def is_news(self, change: Change) -> bool:
        """Whether others changed the run: what we stored ourselves comes back over the feed, too."""
        return not self.is_over and change.status not in _NO_NEWS and change.status is not self.known.status

    async def change(self, event: ev.Event, result_json: str | None = None) -> tuple[ev.Effect, ...] | None:
        """Store what the event does to the run; what must be done then, or None when the event came too late, or again."""
        try:
            decision = await self._context.runs.change(
                self.known.id,
                event,
                now_ms=self._context.now_ms(),
                fence=self.fence,
                result_json=result_json,
                known=self.known,
            )
        except IllegalEvent as late:
            log.debug("%s", late)
            return None
        if decision is None:
            return None
        self.known = decision.run
        return decision.effects

    async def look(self) -> tuple[ev.Effect, ...]:
        """See what others did to the run, and what this attempt must do then: a cancel is written by the API."""
        self.known = await self._context.runs.get(self.known.id)
        if self.known.fence != self.fence:
            return (ev.StopContainer("a newer attempt has begun"),)
        if self.known.status is Status.STOPPING and self.known.stop_cause is not None:
            return (ev.StopContainer(self.known.stop_cause.message),)
        return ()

    def assignment(self) -> dict[str, object]:
        """The frame that gives the run to the shim, but for its input."""
        run = self.known
        return {
            "type": "assign",
            "run_id": run.id,
            "root_run_id": run.root_id,
            "parent_run_id": run.parent_id,
            "attempt": self.attempt,
            "timeout_s": run.timeout_s,
            "task": run.task,
            "traceparent": self._context.traceparent_of(run),
        }
