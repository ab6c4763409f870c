"""Who connects must say what is wanted, send what was promised and take what is sent, each in time."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from orchestrator.app.serving.connections import MINIMUM_BYTES, Connections, Timeouts
from orchestrator.app.serving.http import HEADERS_LIMIT_BYTES, PIPELINED, SMALL_CHUNKS
from tests.app.support.serving import Stream, connect, ended, serving
from tests.wait import LIMIT_S

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
NEVER_S = 600.0


async def reading(scope: Any, receive: Any, send: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def generous(scope: Any, receive: Any, send: Any) -> None:
    """Far more than fits between here and there."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": bytes(1_000_000), "more_body": True})


def posting(length: int) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()


async def test_of_too_many_the_one_that_was_silent_for_the_longest_time_goes(opened: list[Stream]) -> None:
    async with serving(Connections(10)) as port:
        silent = [await connect(port, opened) for _ in range(20)]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=LIMIT_S) as http:
            assert (await http.get("/")).text == "hi"
            assert [await ended(reader) for reader in silent[:15]] == [b""] * 15
            assert (await http.get("/")).text == "hi"


@pytest.mark.parametrize("first", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_headers_that_do_not_end_end_the_connection(opened: list[Stream], first: bytes) -> None:
    async with serving(Connections(5, Timeouts(headers_s=0.2))) as port:
        assert await ended(await connect(port, opened, first)) == b""


@pytest.mark.parametrize("is_first", [True, False])
async def test_headers_of_a_size_nobody_needs_end_the_connection(opened: list[Stream], is_first: bool) -> None:
    async with serving(Connections(5, Timeouts(headers_s=600))) as port:
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
    async with serving(Connections(5, Timeouts(headers_s=0.2))) as port:
        reader = await connect(port, opened, REQUEST)
        assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")
        await ended(await connect(port, opened))  # for as long as headers may take nothing was begun
        opened[0][1].write(REQUEST)
        assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")


async def test_a_body_that_does_not_come_ends_the_connection(opened: list[Stream]) -> None:
    async with serving(Connections(5, Timeouts(body_s=0.2)), reading) as port:
        assert await ended(await connect(port, opened, posting(100_000) + b"{")) == b""


async def test_a_body_that_comes_is_waited_for_as_long_as_it_takes(opened: list[Stream]) -> None:
    parts = 8
    async with serving(Connections(5, Timeouts(body_s=0.4))) as port:
        reader = await connect(port, opened, posting(parts * MINIMUM_BYTES))
        for _ in range(parts):
            opened[0][1].write(bytes(MINIMUM_BYTES))
            await asyncio.sleep(0.1)  # it is a slow client that is tried
        assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")


async def test_what_follows_an_answer_is_not_read_for_ever(opened: list[Stream]) -> None:
    async with serving(Connections(5, Timeouts(body_s=NEVER_S, rest_s=0.2))) as port:
        reader = await connect(port, opened, posting(100_000) + b"{")
        assert (await ended(reader)).endswith(b"hi")


async def test_who_does_not_take_an_answer_is_cut_off(opened: list[Stream]) -> None:
    left = asyncio.Event()

    async def generous_until_left(scope: Any, receive: Any, send: Any) -> None:
        asking = asyncio.ensure_future(generous(scope, receive, send))
        await receive()
        while (await receive())["type"] != "http.disconnect":
            pass
        asking.cancel()
        left.set()

    async with serving(Connections(5, Timeouts(answer_s=0.2)), generous_until_left) as port:
        await connect(port, opened, REQUEST)
        opened[0][1].transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(LIMIT_S):
            await left.wait()


CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "costly",
    [
        pytest.param(CHUNKED + b"1\r\n \r\n" * (SMALL_CHUNKS + 1), id="a body in crumbs"),
        pytest.param(CHUNKED + b"0\r\n" + b"a: b\r\n" * HEADERS_LIMIT_BYTES, id="headers after the body"),
        pytest.param(REQUEST * (PIPELINED + 2), id="requests that wait for no answer"),
    ],
)
async def test_what_nobody_sends_and_is_costly_to_read_ends_the_connection(opened: list[Stream], costly: bytes) -> None:
    async with serving(Connections(5), reading) as port:
        assert await ended(await connect(port, opened, costly)) == b""


async def test_a_body_in_chunks_may_have_headers_after_it(opened: list[Stream]) -> None:
    async with serving(Connections(5)) as port:
        reader = await connect(port, opened, CHUNKED + b"2\r\n{}\r\n0\r\na: b\r\n\r\n" + REQUEST)
        for _ in range(2):
            assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")


async def test_who_asked_for_more_and_left_is_missed_by_the_answer_that_was_under_way(opened: list[Stream]) -> None:
    """Else a stream would be written for ever to somebody who is gone."""
    answering, left = asyncio.Event(), asyncio.Event()

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        answering.set()
        await reading(scope, receive, send)
        left.set()

    async with serving(Connections(5), answer) as port:
        await connect(port, opened, REQUEST + REQUEST)
        await answering.wait()
        opened[0][1].transport.abort()
        async with asyncio.timeout(LIMIT_S):
            await left.wait()
