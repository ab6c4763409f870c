"""A container's output as it is printed, on the event loop: Docker's log has whole lines alone, this has every write.

Docker passes output on to all who are attached before it reads more, and lets a MiB wait for each; who takes nothing stops the
container at its next write. So this takes whatever comes, and lets go of a container that prints more than can be looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Final

from orchestrator.core.logs import Unfinished
from orchestrator.engine.base import FLOOD_BYTES, UNFINISHED_INTERVAL_S
from orchestrator.engine.docker.logs.unfinished import UnfinishedLines

_HEAD_LIMIT_BYTES: Final = 64 * 1024
_WINDOW_S: Final = 1.0


class Attachment(asyncio.Protocol):
    """One connection: it asks by `request`, and is this container's once `status` is there."""

    def __init__(self, request: bytes) -> None:
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._request = request
        self._head = b""
        self._lines = UnfinishedLines()
        self._changed = asyncio.Event()
        self._is_over = False
        self._transport: asyncio.Transport | None = None
        self._window_began_s = 0.0
        self._window_bytes = 0

    async def states(self) -> AsyncGenerator[Unfinished, None]:
        """The lines whenever they have changed, until it is over."""
        told: Unfinished = {}
        while True:
            await self._changed.wait()
            if not self._is_over:
                await asyncio.sleep(
                    UNFINISHED_INTERVAL_S
                )  # else every line would be seen whose newline is written by itself
            if self._is_over:
                return
            self._changed.clear()
            if (now := self._lines.now()) != told:
                told = now
                yield now

    def close(self) -> None:
        """Let go of the container."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.status.done():
            data = self._take_head(data)
        if data and self._is_flooded(len(data)):
            self.close()
        elif data:
            self._lines.feed(data)
            self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_over = True
        self._changed.set()
        if not self.status.done():
            self.status.set_exception(exc or ConnectionError("the answer was cut short"))

    def _take_head(self, data: bytes) -> bytes:
        """What comes after the head, once all of that is there."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            if len(head) > _HEAD_LIMIT_BYTES:
                self.close()
            return b""
        status = head.split(b" ", 2)[1:2]
        self.status.set_result(int(status[0]) if status and status[0].isdigit() else HTTPStatus.BAD_GATEWAY)
        return rest

    def _is_flooded(self, count: int) -> bool:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._window_began_s >= _WINDOW_S:
            self._window_began_s, self._window_bytes = now_s, 0
        self._window_bytes += count
        return self._window_bytes > FLOOD_BYTES
