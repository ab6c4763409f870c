"""How an attempt's task ended, by its own word: kept as far as its tree has room for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Failure, FailureClass
from orchestrator.scheduler.attempt.children import share_is_full
from orchestrator.scheduler.attempt.container import AttemptContainer
from orchestrator.scheduler.attempt.effects import Effects
from orchestrator.scheduler.attempt.notes import Notes
from orchestrator.scheduler.attempt.run import AttemptRun
from orchestrator.scheduler.context import Context
from orchestrator_runtime import wire

_SMALL: Final = 16 * 1024
"""Characters of a result or an error; so few are kept without asking what their tree holds."""
_SHORT_MESSAGE: Final = 512
"""Characters, of an error that its tree has no room for."""


class Outcome:
    """Of one attempt."""

    def __init__(
        self, context: Context, run: AttemptRun, container: AttemptContainer, notes: Notes, effects: Effects
    ) -> None:
        self._context = context
        self._run = run
        self._container = container
        self._notes = notes
        self._effects = effects

    async def returned(self, is_boxed: bool, result_json: str) -> None:
        """Keep a result. One that its tree has no room for fails the run: what is there already can no longer be refused."""
        if await self._has_room_for(len(result_json)):
            await self._keep(ev.ResultReported(self._container.measured(), is_boxed), result_json)
            return
        message = f"{share_is_full(self._context.limits.tree_bytes)}: the result is not kept"
        failure = Failure(FailureClass.ERROR, message, wire.REFUSED_SHARE, retryable=False)
        await self._keep(ev.ErrorReported(failure, self._container.measured()))

    async def failed(self, failure: Failure) -> None:
        """Keep an error, and only its first words where its tree has no room for it."""
        if not await self._has_room_for(len(failure.message) + len(failure.traceback)):
            failure = replace(failure, message=failure.message[:_SHORT_MESSAGE], traceback="")
        await self._keep(ev.ErrorReported(failure, self._container.measured()))

    async def _has_room_for(self, size: int) -> bool:
        """Whether its tree may hold so much more; what comes too late is not kept anyway."""
        limit_bytes = self._context.limits.tree_bytes
        if limit_bytes is None or size <= _SMALL or self._run.is_over:
            return True
        return await self._context.runs.tree_bytes(self._run.known.root_id) + size <= limit_bytes

    async def _keep(self, event: ev.ResultReported | ev.ErrorReported, result_json: str | None = None) -> None:
        await self._notes.flush()
        is_kept = await self._effects.change(event, result_json)
        if not is_kept:  # too late, or again: it waits for an answer all the same
            await self._effects.acknowledge()
