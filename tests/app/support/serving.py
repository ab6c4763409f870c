"""A server of connections as ours are, and clients who say to it what no library would."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from orchestrator.app.serving.connections import Connections
from orchestrator.app.serving.server import protocols
from tests.wait import LIMIT_S, wait_until

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@contextlib.asynccontextmanager
async def serving(connections: Connections, app: Any = hello, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a server with these."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", **protocols(connections, tls))
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve())

    async def has_started() -> bool:
        return server.started

    await wait_until(has_started, "the server")
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await task


async def connect(port: int, opened: list[Stream], first: bytes = b"") -> asyncio.StreamReader:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    opened.append((reader, writer))
    writer.write(first)
    return reader


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What came until the end."""
    with contextlib.suppress(ConnectionResetError):
        async with asyncio.timeout(LIMIT_S):
            return await reader.read()
    return b""
