"""A connection by websocket: what it is sent must be taken, and nothing is read from who does not."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto import events

from orchestrator.app.serving.connections import Connections
from orchestrator.app.serving.taking import Taking

MESSAGE_LIMIT_BYTES: Final = 64 * 1024
PING_S: Final = 20.0
"""Between a pong and the next ping, and how long a pong may take."""


class WebSocketConnection(WSProtocol):
    """One connection, taken over from HTTP when it was asked for."""

    def __init__(self, ours: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ours = ours
        self._taking: Taking | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._taking = Taking(transport, self._ours.timeouts.answer_s, self.cut)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._taking is not None:
            self._taking.end()
        self._ours.closed(self.cut, self.client[0] if self.client else "")
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._taking is not None:
            self._taking.begin()

    def resume_writing(self) -> None:
        if self._taking is not None:
            self._taking.end()
        super().resume_writing()

    def handle_ping(self, event: events.Ping) -> None:
        if self.writable.is_set():  # else answers would heap up
            super().handle_ping(event)

    def cut(self) -> None:
        """End the connection without a word."""
        self.transport.abort()
