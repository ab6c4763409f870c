"""A connection by HTTP: headers must end in time and be of a size that anybody needs, bodies must come and answers be taken."""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from orchestrator.app.serving.connections import MINIMUM_BYTES, Connections
from orchestrator.app.serving.gathering import Gathering
from orchestrator.app.serving.taking import Taking

HEADERS_LIMIT_BYTES: Final = 64 * 1024
PIPELINED: Final = 32
"""Requests that wait for the answer to an earlier one. No client that we know sends more than one."""
SMALL_CHUNKS: Final = 1_000
"""Parts of one body that are smaller than anybody's: reading a part costs more than what is in it."""
_SMALL_BYTES: Final = 64


class Abused(Exception):  # noqa: N818  # the parser passes it on, and the connection ends
    """What came is allowed by HTTP, sent by nobody, and costly to read."""


class _Phase(Enum):
    """What comes next from the client."""

    HEADERS = auto()
    BODY = auto()
    NOTHING = auto()


class HttpConnection(HttpToolsProtocol):
    """One connection."""

    def __init__(self, ours: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ours = ours
        self._address = ""
        self._phase = self._timed = _Phase.HEADERS
        self._headers_bytes = self._trailers_bytes = self._body_bytes = 0
        self._small_chunks = 0
        self._asked: list[RequestResponseCycle] = []
        self._timer: asyncio.TimerHandle | None = None
        self._taking: Taking | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transport = Gathering(transport, self.loop)  # type: ignore[assignment]
        self._taking = Taking(transport, self._ours.timeouts.answer_s, self.cut)
        self._address = self.client[0] if self.client else ""
        self._wait()
        self._ours.opened(self.cut, self._address)

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_go()
        self._ours.closed(self.cut, self._address)
        for (
            cycle
        ) in self._asked:  # uvicorn tells the one that was asked for last, which may be another than is answered
            cycle.disconnected = cycle.disconnected or not cycle.response_complete
            cycle.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._headers_bytes += len(data) if self._phase is not _Phase.BODY else 0
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._phase is _Phase.HEADERS and self._headers_bytes > HEADERS_LIMIT_BYTES:
            self.cut()
        elif self._timer is None or self._timed is not self._phase:
            self._wait()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._phase = _Phase.HEADERS

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase is not _Phase.BODY:
            super().on_header(name, value)
            return
        self._trailers_bytes += len(name) + len(value)  # of a body in chunks: nobody reads them
        self._refuse(self._trailers_bytes > HEADERS_LIMIT_BYTES)

    def on_headers_complete(self) -> None:
        self._phase, self._body_bytes = _Phase.BODY, 0
        self._trailers_bytes = self._small_chunks = 0
        self._refuse(len(self.pipeline) >= PIPELINED)
        self._ours.has_asked(self.cut, self._address)
        super().on_headers_complete()
        self._asked = [cycle for cycle in (*self._asked, self.cycle) if cycle and not cycle.response_complete]

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        self._small_chunks += len(body) < _SMALL_BYTES
        self._refuse(self._small_chunks > SMALL_CHUNKS)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._phase, self._headers_bytes = _Phase.NOTHING, 0

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle is not None and not self.cycle.response_complete:
            return
        self._ours.begin_to_wait(self.cut, self._address)
        if self._phase is _Phase.BODY:
            self._cut_in(self._ours.timeouts.rest_s)

    def handle_websocket_upgrade(self) -> None:
        self._let_go()
        self._phase = _Phase.NOTHING
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._taking is not None:
            self._taking.begin()

    def resume_writing(self) -> None:
        if self._taking is not None:
            self._taking.end()
        super().resume_writing()

    def _refuse(self, is_abuse: bool) -> None:
        """Read no more: also not the rest of what has come already, which may be much."""
        if is_abuse:
            self.cut()
            raise Abused

    def cut(self) -> None:
        """End the connection without a word."""
        self._let_go()
        self.transport.abort()

    def _wait(self) -> None:
        """For what comes next."""
        self._stop_waiting()
        self._timed = self._phase
        if self._phase is _Phase.HEADERS:
            self._cut_in(self._ours.timeouts.headers_s)
        elif self._phase is _Phase.BODY:
            self._timer = self.loop.call_later(self._ours.timeouts.body_s, self._look_at_body)

    def _look_at_body(self) -> None:
        if self._body_bytes < MINIMUM_BYTES and not self.flow.read_paused:
            self.cut()
            return
        self._body_bytes = 0
        self._wait()

    def _cut_in(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self.cut)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _let_go(self) -> None:
        self._stop_waiting()
        if self._taking is not None:
            self._taking.end()
