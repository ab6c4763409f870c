"""A build ends before it takes the room on the disk that runs need to finish."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from orchestrator.engine.base import BuildFailed

_LOOK_S: Final = 0.25


@asynccontextmanager
async def within_room(free_bytes: Callable[[], int]) -> AsyncIterator[None]:
    """Cancels the block once `free_bytes` is below 0; then it raises BuildFailed."""
    limit = asyncio.timeout(None)
    try:
        async with limit:
            looking = _Looking(limit, free_bytes)
            try:
                yield
            finally:
                looking.end()
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise BuildFailed(
            "the build was stopped because the disk is nearly full: let it write less, or free some of the disk"
        ) from error


class _Looking:
    """Looks at the disk again and again, and lets the time be over when it is full."""

    def __init__(self, limit: asyncio.Timeout, free_bytes: Callable[[], int]) -> None:
        self._limit = limit
        self._free_bytes = free_bytes
        self._next: asyncio.Handle = asyncio.get_running_loop().call_soon(self._look)

    def end(self) -> None:
        self._next.cancel()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        if self._free_bytes() < 0:
            self._limit.reschedule(loop.time())
        else:
            self._next = loop.call_later(_LOOK_S, self._look)
