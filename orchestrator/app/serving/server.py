"""What serves HTTP."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any, Final

import uvicorn

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.app.serving.connections import Connections
from orchestrator.app.serving.files import backlog, connection_limit, log_seldom, raise_file_limit
from orchestrator.app.serving.http import HttpConnection
from orchestrator.app.serving.tls import TlsConnection
from orchestrator.app.serving.websocket import MESSAGE_LIMIT_BYTES, PING_S, WebSocketConnection

_GRACEFUL_SHUTDOWN_S: Final = 2
_KEEP_ALIVE_S: Final = 75
"""Longer than clients keep an idle connection, so that they never reuse one that is being closed."""
_TICK_S: Final = 1.0
_COUNTS_A_SECOND: Final = 10
_HEADERS: Final = [
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
]
"""Of every answer: no browser makes of it what it is not, or lets another site's page have it."""


class Server(uvicorn.Server):
    """uvicorn's own, which would look ten times a second whether it should end: an idle one is to sleep."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        """`closing` is set when it should."""
        super().__init__(config)
        self._closing = closing
        self.capture_signals = nullcontext  # type: ignore[method-assign, assignment]  # they are ours

    async def main_loop(self) -> None:
        """Until the end, what is due each second."""
        count = 0
        while not await self.on_tick(count):
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._closing.wait()
                    self.should_exit = True
            count += _COUNTS_A_SECOND


def protocols(connections: Connections, tls: ssl.SSLContext | None = None) -> dict[str, Any]:
    """What uvicorn makes connections of."""
    http = partial(HttpConnection, connections)

    def http_in_tls(*args: Any, **kwargs: Any) -> TlsConnection:
        assert tls is not None
        return TlsConnection(connections, tls, partial(http, *args, **kwargs))

    return {
        "http": http if tls is None else http_in_tls,
        "ws": partial(WebSocketConnection, connections),
        "ws_max_size": MESSAGE_LIMIT_BYTES,
        "ws_per_message_deflate": False,  # a few bytes could become many
        "ws_ping_interval": PING_S,
        "ws_ping_timeout": PING_S,
    }


def is_news(record: logging.LogRecord) -> bool:
    """Not of an answer that is ended because we stop, nor what anybody can have written as often as they like."""
    if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
        return False
    return not str(record.msg).startswith(("Invalid HTTP request", "Unsupported upgrade"))


def http_server(services: Services, tls: ssl.SSLContext | None = None) -> Server:
    """The one of the API, for the running loop; it ends by `services.closing`."""
    files = raise_file_limit()
    log_seldom(asyncio.get_running_loop())
    logging.getLogger("uvicorn.error").addFilter(is_news)
    config = uvicorn.Config(
        create_app(services),
        **protocols(Connections(connection_limit(files)), tls),
        backlog=backlog(files),
        log_config=None,
        access_log=False,
        server_header=False,
        headers=_HEADERS,
        timeout_graceful_shutdown=_GRACEFUL_SHUTDOWN_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
        lifespan="off",
    )
    return Server(config, services.closing)
