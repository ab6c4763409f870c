"""Carries out operations on many runs, one run after the other; what a crash interrupts, the next leader goes on with.

A run is counted after it was dealt with, so a crash in between deals with it again: a cancel changes nothing then, and a rerun is
made once, by a key that is the operation's and the run's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from orchestrator.scheduler.context import Context
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.control.operations import Operation, Operations
from orchestrator.store.control.rerun import CannotRerun, Changes, WrongInput, rerun
from orchestrator.store.runs.cancel import cancel_tree
from orchestrator.store.runs.store import RunNotFound

log = logging.getLogger(__name__)

_LOOK_S: Final = 0.5
"""Between two looks for an operation, or for room where there is none."""
_STEP: Final = 50


class OperationRunner:
    """The one loop that carries them out."""

    def __init__(self, context: Context, operations: Operations, lack: Callable[[], str] = lambda: "") -> None:
        """`lack` says what is lacking for new runs, empty when all is well."""
        self._context = context
        self._operations = operations
        self._lack = lack

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                is_busy = await self.step()
            except UNAVAILABLE as error:
                log.warning("an operation was interrupted: %s", error)
                is_busy = False
            if not is_busy:
                await asyncio.sleep(_LOOK_S)

    async def step(self) -> bool:
        """Go some way with the oldest operation; False when there is none, or no room for what it makes."""
        operation = await self._operations.oldest_open()
        if operation is None or (operation.action == "rerun" and self._lack()):
            return False
        run_ids = await self._operations.next_runs(operation, _STEP)
        for run_id in run_ids:
            error = await self._deal_with(operation, run_id)
            counted = await self._operations.advance(operation, error=error)
            if counted is None:
                return True  # it was stopped, or is another's
            operation = counted
        if operation.position >= operation.matched or not run_ids:
            await self._operations.end(operation.id, "completed", now_ms=self._context.now_ms())
            log.info(
                "operation %s: %s of %d runs, %d failed",
                operation.id,
                operation.action,
                operation.matched,
                operation.failed,
            )
        return True

    async def _deal_with(self, operation: Operation, run_id: str) -> str | None:
        """Why it could not be done, None when it could. A run that has ended meanwhile need not be canceled."""
        context, now_ms = self._context, self._context.now_ms()
        try:
            if operation.action == "cancel":
                await cancel_tree(context.runs, run_id, f"canceled by operation {operation.id}", now_ms=now_ms)
            else:
                changes = Changes(on_current_version=operation.on_current_version)
                key = f"operation {operation.id} {run_id}"
                await rerun(context.runs, context.workflows, run_id, changes, now_ms=now_ms, idempotency_key=key)
        except (RunNotFound, CannotRerun, WrongInput) as error:
            return str(error)
        return None
