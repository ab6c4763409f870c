"""Clients that connect and say nothing keep nobody else out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn

from orchestrator.app.connections import HEADERS_LIMIT_BYTES, Connections, connection_limit, log_seldom
from tests.wait import LIMIT_S, wait_until

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@contextlib.asynccontextmanager
async def serving(connections: Connections) -> AsyncIterator[int]:
    """The port of a server with these."""
    config = uvicorn.Config(hello, port=0, log_config=None, lifespan="off", http=connections.protocol)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve())

    async def has_started() -> bool:
        return server.started

    await wait_until(has_started, "the server")
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await task


@pytest.fixture
async def opened() -> AsyncIterator[list[Stream]]:
    streams: list[Stream] = []
    yield streams
    for _, writer in streams:
        writer.transport.abort()


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


async def test_of_too_many_the_one_that_was_silent_for_the_longest_time_goes(opened: list[Stream]) -> None:
    async with serving(Connections(5)) as port:
        silent = [await connect(port, opened) for _ in range(20)]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=LIMIT_S) as http:
            assert (await http.get("/")).text == "hi"
            assert [await ended(reader) for reader in silent[:15]] == [b""] * 15
            assert (await http.get("/")).text == "hi"


@pytest.mark.parametrize("first", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_headers_that_do_not_end_end_the_connection(opened: list[Stream], first: bytes) -> None:
    async with serving(Connections(5, headers_timeout_s=0.2)) as port:
        assert await ended(await connect(port, opened, first)) == b""


@pytest.mark.parametrize("is_first", [True, False])
async def test_headers_of_a_size_nobody_needs_end_the_connection(opened: list[Stream], is_first: bool) -> None:
    async with serving(Connections(5, headers_timeout_s=600)) as port:
        reader = await connect(port, opened, b"" if is_first else REQUEST)
        if not is_first:
            await reader.readuntil(b"hi")
        opened[0][1].write(b"GET / HTTP/1.1\r\nX: " + b"x" * (HEADERS_LIMIT_BYTES + 1))
        assert await ended(reader) == b""


async def test_a_body_may_be_longer_than_headers(opened: list[Stream]) -> None:
    length = 4 * HEADERS_LIMIT_BYTES
    async with serving(Connections(5)) as port:
        begin = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
        reader = await connect(port, opened, begin + bytes(length) + REQUEST)
        for _ in range(2):
            assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")


async def test_a_connection_is_used_again_for_as_long_as_before(opened: list[Stream]) -> None:
    async with serving(Connections(5, headers_timeout_s=0.2)) as port:
        reader = await connect(port, opened, REQUEST)
        assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")
        await ended(await connect(port, opened))  # for as long as headers may take nothing was begun
        opened[0][1].write(REQUEST)
        assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")


def test_what_is_left_of_few_files_is_shared() -> None:
    assert (connection_limit(1024), connection_limit(65_536)) == (320, 32_128)


async def test_the_loop_says_only_now_and_then_that_there_are_no_files(caplog: pytest.LogCaptureFixture) -> None:
    times_s = iter((0.0, 0.0, 1.0, 2.0, 11.0, 11.0))
    loop = asyncio.get_running_loop()
    log_seldom(loop, lambda: next(times_s))
    context = {"message": "socket.accept() out of system resource", "exception": OSError(24, "Too many open files")}
    for _ in range(4):
        loop.call_exception_handler(context)
    assert len(caplog.records) == 2
    loop.call_exception_handler({"message": "something else"})
    assert "something else" in caplog.text
