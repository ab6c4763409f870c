"""Moves what a container prints from the engine to the store, in the batches it comes in, without falling far behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from orchestrator.engine.base import Engine, EngineError
from orchestrator.host.retrying import persist
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.logs import LogWriter

log = logging.getLogger(__name__)

_BATCH_INTERVAL_S: Final = 0.05
"""The engine gathers what is printed meanwhile into the next batch."""
_RECONNECT_S: Final = 0.5


class LogPump:
    """One container's log; with `is_new`, nothing of it is stored yet."""

    def __init__(
        self, engine: Engine, writer: LogWriter, container_id: str, has_ended: Callable[[], bool], *, is_new: bool
    ) -> None:
        """`has_ended` says whether the container prints no more."""
        self._has_ended = has_ended
        self._engine = engine
        self._writer = writer
        self._container_id = container_id
        self._is_new = is_new

    async def run(self) -> None:
        """Copy until the container has ended and all is stored, then mark the log as complete."""
        despite = (EngineError, *UNAVAILABLE)
        await persist(self._copy_to_the_end, despite=despite, wait_s=_RECONNECT_S, report=self._interrupted)

    def _interrupted(self, error: Exception) -> None:
        level = logging.WARNING if isinstance(error, EngineError) else logging.DEBUG
        log.log(level, "log of container %s interrupted: %s", self._container_id[:12], error)
        self._is_new = False

    async def _copy_to_the_end(self) -> None:
        await self._copy(since_ns=0 if self._is_new else await self._writer.resume())
        await self._writer.end()

    async def _copy(self, since_ns: int) -> None:
        lines = self._engine.logs(self._container_id, since_ns=since_ns, follow=not self._has_ended())
        async with aclosing(lines) as batches:
            async for batch in batches:
                await self._writer.append(batch)
                if not self._has_ended():
                    await asyncio.sleep(_BATCH_INTERVAL_S)
