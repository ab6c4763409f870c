"""Moves what a container prints from the engine to the store, in small batches, without falling far behind."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from orchestrator.core.logs import LogLine
from orchestrator.engine.base import Engine, EngineError
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.logs import LogWriter

log = logging.getLogger(__name__)

_BATCH_INTERVAL_S: Final = 0.05
_BUFFER_LINES: Final = 5_000
_RECONNECT_S: Final = 0.5


class LogPump:
    """One container's log."""

    def __init__(self, engine: Engine, writer: LogWriter, container_id: str) -> None:
        self._engine = engine
        self._writer = writer
        self._container_id = container_id
        self._last_ns = 0

    async def run(self) -> None:
        """Copy until the container has ended and all is stored, then mark the log as complete."""
        while True:
            try:
                self._last_ns = await self._writer.resume()
                await self._follow()
                await self._writer.end()
                return
            except* UNAVAILABLE as errors:
                log.debug("log of container %s interrupted: %s", self._container_id[:12], errors.exceptions[0])
            except* EngineError as errors:
                log.warning("log of container %s interrupted: %s", self._container_id[:12], errors.exceptions[0])
            await asyncio.sleep(_RECONNECT_S)

    async def _follow(self) -> None:
        lines: asyncio.Queue[LogLine | None] = asyncio.Queue(_BUFFER_LINES)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write(lines), name="log writer")
            async for line in self._engine.logs(self._container_id, since_ns=self._last_ns, follow=True):
                await lines.put(line)
            await lines.put(None)

    async def _write(self, lines: asyncio.Queue[LogLine | None]) -> None:
        while True:
            batch = [await lines.get()]
            while not lines.empty():
                batch.append(lines.get_nowait())
            found = [line for line in batch if line is not None]
            if found:
                await self._writer.append(found)
                self._last_ns = found[-1].timestamp_ns
            if batch[-1] is None:
                return
            await asyncio.sleep(_BATCH_INTERVAL_S if lines.empty() else 0)
