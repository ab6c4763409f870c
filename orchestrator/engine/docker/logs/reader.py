"""A container's log: what is kept is read at once, what still comes on a thread of its own, as fast as it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from threading import Condition, Thread
from typing import Final
from urllib.parse import urlencode

from orchestrator.core.logs import LogLine
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.errors import NotFound
from orchestrator.engine.docker.logs.frames import LogDecoder
from orchestrator.engine.docker.timestamps import SECOND_NS

_DECODED_BYTES: Final = 64 * 1024
"""At a time, so that nothing waits for all of a log to be decoded."""
WAITING_LINES: Final = 20_000
"""Read but not yet taken; above it the thread stops reading, and Docker's own buffers slow the container down."""


async def kept(api: DockerApi, container_id: str, since_ns: int) -> AsyncGenerator[list[LogLine], None]:
    """What Docker has of it by now, which is bounded; nothing when there is no such container. Raises EngineError."""
    try:
        data = await api.read(_action(container_id), "GET", _path(container_id, since_ns))
    except NotFound:
        return
    decoder = LogDecoder(since_ns)
    for begin in range(0, len(data), _DECODED_BYTES):
        if lines := decoder.feed(data[begin : begin + _DECODED_BYTES]):
            yield lines
    if lines := decoder.finish():
        yield lines


def _action(container_id: str) -> str:
    return f"read logs of container {container_id}"


def _path(container_id: str, since_ns: int, *, follow: bool = False) -> str:
    seconds, nanoseconds = divmod(since_ns, SECOND_NS)
    since = f"{seconds}.{nanoseconds:09}"
    query = {"stdout": 1, "stderr": 1, "timestamps": 1, "follow": int(follow), "since": since}
    return f"/containers/{container_id}/logs?{urlencode(query)}"


class FollowedLog:
    """One reading of one container's log until it ends; `newest_ns` is where the next one goes on."""

    def __init__(self, api: DockerApi, container_id: str, since_ns: int) -> None:
        self.newest_ns = since_ns
        self._stream = api.stream(_action(container_id), _path(container_id, since_ns, follow=True))
        self._decoder = LogDecoder(since_ns)
        self._hand_over = _HandOver()

    async def batches(self) -> AsyncGenerator[list[LogLine], None]:
        """The lines as they come, many at a time when they come fast. Raises EngineError."""
        Thread(target=self._read, name=self._stream.action, daemon=True).start()
        try:
            while (batch := await self._hand_over.take()) is not None:
                yield batch
                self.newest_ns = max(self.newest_ns, max(line.timestamp_ns for line in batch))
        finally:
            self._hand_over.abandon()
            self._stream.close()

    # --- on the thread ---

    def _read(self) -> None:
        error: Exception | None = None
        try:
            with suppress(NotFound), self._stream as stream:
                while data := stream.read():
                    self._hand_over.put(self._decoder.feed(data))
                self._hand_over.put(self._decoder.finish())
        except Exception as failed:
            error = failed  # raised again where the lines are taken
        finally:
            self._hand_over.finish(error)


class _HandOver:
    """Lines on their way from one thread to the event loop; one wake-up for all that gathered since the last."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._filled = asyncio.Event()
        self._changed = Condition()
        self._lines: list[LogLine] = []
        self._is_finished = False
        self._is_abandoned = False
        self._error: Exception | None = None

    async def take(self) -> list[LogLine] | None:
        """All lines waiting, at least one; None after the last."""
        while True:
            await self._filled.wait()
            with self._changed:
                lines, self._lines = self._lines, []
                if not self._is_finished:
                    self._filled.clear()
                self._changed.notify()
            if lines:
                return lines
            if self._error is not None:
                raise self._error
            if self._is_finished:
                return None

    def abandon(self) -> None:
        """Nobody takes any more."""
        with self._changed:
            self._is_abandoned = True
            self._changed.notify()

    # --- on the thread ---

    def put(self, lines: list[LogLine]) -> None:
        """Add lines; blocks while too many wait."""
        if not lines:
            return
        with self._changed:
            self._changed.wait_for(lambda: self._is_abandoned or len(self._lines) < WAITING_LINES)
            was_empty = not self._lines
            self._lines += lines
        if was_empty:
            self._wake()

    def finish(self, error: Exception | None) -> None:
        """No more will come."""
        with self._changed:
            self._is_finished, self._error = True, error
        self._wake()

    def _wake(self) -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody is left to be woken
            self._loop.call_soon_threadsafe(self._filled.set)
