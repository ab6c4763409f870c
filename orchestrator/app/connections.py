"""How many clients may be connected, and for how long without asking for anything: silent ones keep nobody else out.

Every connection is a file descriptor, and those are shared with the store, the channel and the engine.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from orchestrator.api.sse import CUT

log = logging.getLogger(__name__)

HEADERS_TIMEOUT_S: Final = 15.0
"""From a connection, or a request's first byte, to the end of its headers."""
HEADERS_LIMIT_BYTES: Final = 64 * 1024
_WANTED_FILES: Final = 65_536
_FILES_OF_OUR_OWN: Final = 256
_BACKLOG: Final = 128
"""Connections are taken in at most so many at a time: with few descriptors those of a burst must be cut before the next."""
_LOG_EVERY_S: Final = 10.0


def raise_file_limit() -> int:
    """Allow this process as many open files as it may have, within reason; how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return _WANTED_FILES if soft == resource.RLIM_INFINITY else soft


def connection_limit(files: int) -> int:
    """How many clients may be connected where so many files may be open: each may hold one more for what it asks for."""
    return max(16, (files - _FILES_OF_OUR_OWN - backlog(files)) // 2)


def backlog(files: int) -> int:
    """How many connections may wait to be taken in."""
    return min(1024, max(_BACKLOG, files // 32))


class Connections:
    """Of one server: at most `limit`; when there are more, the one that has asked for nothing for the longest time goes."""

    def __init__(self, limit: int, headers_timeout_s: float = HEADERS_TIMEOUT_S) -> None:
        self._limit = limit
        self._headers_timeout_s = headers_timeout_s
        self._idle: dict[_Protocol, None] = {}

    def protocol(self, *args: Any, **kwargs: Any) -> _Protocol:
        """Makes what handles one connection; for uvicorn's `http`."""
        return _Protocol(self, *args, **kwargs)

    def opened(self, connection: _Protocol, count: int) -> None:
        """There is a new one, with it `count`."""
        self.begin_to_wait(connection)
        if count > self._limit:
            next(iter(self._idle)).cut()

    def begin_to_wait(self, connection: _Protocol) -> None:
        """It has to say what it wants from now on."""
        self._idle.pop(connection, None)
        self._idle[connection] = None

    def has_asked(self, connection: _Protocol) -> None:
        """It did, or is gone."""
        self._idle.pop(connection, None)

    @property
    def headers_timeout_s(self) -> float:
        """How long it may take to say that."""
        return self._headers_timeout_s


class _Protocol(HttpToolsProtocol):
    """One connection; headers must end in time, and be of a size that anybody needs."""

    def __init__(self, ours: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ours = ours
        self._headers_bytes = 0
        self._is_reading_headers = True
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()
        self._ours.opened(self, len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._headers_bytes += len(data) if self._is_reading_headers else 0
        super().data_received(data)
        if self._is_reading_headers and self._headers_bytes > HEADERS_LIMIT_BYTES:
            self.cut()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CUT: self.cut}  # type: ignore[dict-item]  # ours, and no option of HTTP
        if self._timer is None:
            self._start_timer()

    def on_headers_complete(self) -> None:
        self._is_reading_headers = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_reading_headers, self._headers_bytes = True, 0

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle is None or self.cycle.response_complete:
            self._ours.begin_to_wait(self)

    def cut(self) -> None:
        """End the connection without a word."""
        self._stop_waiting()
        self.transport.abort()

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self._ours.headers_timeout_s, self.cut)

    def _stop_waiting(self) -> None:
        self._ours.has_asked(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def log_seldom(loop: asyncio.AbstractEventLoop, clock: Callable[[], float] = time.monotonic) -> None:
    """Have the loop say only now and then that no file can be opened: it would for each connection that waits."""
    said_at_s = -_LOG_EVERY_S

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal said_at_s
        if "system resource" not in context.get("message", ""):
            loop.default_exception_handler(context)
        elif clock() - said_at_s >= _LOG_EVERY_S:
            said_at_s = clock()
            log.warning(
                "connections cannot be taken in: %s; give the process more files (ulimit -n)", context["exception"]
            )

    loop.set_exception_handler(handle)
