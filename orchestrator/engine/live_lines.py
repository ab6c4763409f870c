"""What containers have begun to print, for those who watch: one attachment for each container, however many they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Final

from orchestrator.core.logs import Unfinished
from orchestrator.engine.base import Engine, EngineError

WATCHED_LIMIT: Final = 64
"""Of more containers at once nothing is seen before it is in their logs."""
_AGAIN_S: Final = 1.0
"""Its container is not there yet, or has ended, or printed more than can be looked at."""


class LiveLines:
    """Costs nothing while nobody watches."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._watched: dict[str, _Watched] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Look at what is watched until canceled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await asyncio.Event().wait()

    @contextmanager
    def watch(self, channel_id: str, on_change: Callable[[], None]) -> Iterator[Callable[[], Unfinished]]:
        """What gives the lines that the channel's container has begun; `on_change` is called when they may be others."""
        watched = self._watched.get(channel_id) or self._begun(channel_id)
        if watched is None:
            yield dict
            return
        watched.on_change.append(on_change)
        try:
            yield lambda: watched.lines
        finally:
            watched.on_change.remove(on_change)
            if not watched.on_change:
                watched.task.cancel()
                del self._watched[channel_id]

    def _begun(self, channel_id: str) -> _Watched | None:
        if self._group is None or len(self._watched) >= WATCHED_LIMIT:
            return None
        watched = self._watched[channel_id] = _Watched()
        watched.task = self._group.create_task(self._look(channel_id, watched), name=f"live lines of {channel_id}")
        return watched

    async def _look(self, channel_id: str, watched: _Watched) -> None:
        while True:
            with suppress(EngineError):
                async with aclosing(self._engine.unfinished(channel_id)) as states:
                    async for lines in states:
                        watched.show(lines)
            watched.show({})
            await asyncio.sleep(_AGAIN_S)


class _Watched:
    """One container's."""

    task: asyncio.Task[None]

    def __init__(self) -> None:
        self.lines: Unfinished = {}
        self.on_change: list[Callable[[], None]] = []

    def show(self, lines: Unfinished) -> None:
        if lines != self.lines:
            self.lines = lines
            for tell in self.on_change:
                tell()
