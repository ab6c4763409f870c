"""A connection by websocket: what it is sent must be taken, and nothing is read from who does not."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto import events

from orchestrator.app.serving.connections import Connections
from orchestrator.app.serving.taking import Taking

MESSAGE_LIMIT_BYTES: Final = 64 * 1024
PING_S: Final = 20.0
"""Between a pong and the next ping, and how long a pong may take."""
_FRAMES_PER_S: Final = 20.0
_FRAMES_AT_ONCE: Final = 200
"""Of one client, pings and parts of messages included: it has next to nothing to say."""
_SLICE_BYTES: Final = 4 * 1024
"""Read at a time: of the smallest frames there are hundreds in it."""


class WebSocketConnection(WSProtocol):
    """One connection, taken over from HTTP when it was asked for."""

    def __init__(self, ours: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ours = ours
        self._taking: Taking | None = None
        self._frames, self._at_s = float(_FRAMES_AT_ONCE), time.monotonic()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._taking = Taking(transport, self._ours.timeouts.answer_s, self.cut)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._taking is not None:
            self._taking.end()
        self._ours.closed(self.cut, self.client[0] if self.client else "")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        now_s = time.monotonic()
        self._frames = min(_FRAMES_AT_ONCE, self._frames + (now_s - self._at_s) * _FRAMES_PER_S)
        self._at_s = now_s
        for start in range(0, len(data), _SLICE_BYTES):
            super().data_received(data[start : start + _SLICE_BYTES])
            if self._frames < 0:
                self.cut()
            if self.transport.is_closing():
                return

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._taking is not None:
            self._taking.begin()

    def resume_writing(self) -> None:
        if self._taking is not None:
            self._taking.end()
        super().resume_writing()

    def handle_message(self, event: events.TextMessage | events.BytesMessage) -> None:
        self._frames -= 1
        super().handle_message(event)

    def handle_pong(self, event: events.Pong) -> None:
        self._frames -= 1
        super().handle_pong(event)

    def handle_ping(self, event: events.Ping) -> None:
        self._frames -= 1
        if self.writable.is_set():  # else answers would heap up
            super().handle_ping(event)

    def cut(self) -> None:
        """End the connection without a word."""
        self.transport.abort()
