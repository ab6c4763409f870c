from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from orchestrator.api.sse import EventStream, event
from tests.api.support.sse import Event, parse
from tests.wait import LIMIT_S


def test_an_event_is_what_a_strict_client_reads() -> None:
    assert parse(event("log", 7, '{"a": 1}').removesuffix("\n\n")) == Event("log", "7", {"a": 1})


async def test_a_stream_ends_in_good_order_when_the_orchestrator_closes() -> None:
    finished = asyncio.Event()
    closing = asyncio.Event()
    sent: list[Any] = []

    async def chunks() -> AsyncGenerator[str, None]:
        try:
            yield "a"
            closing.set()
            await asyncio.Event().wait()
        finally:
            finished.set()

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    await asyncio.wait_for(EventStream(chunks(), closing)(scope, receive, send), LIMIT_S)
    assert finished.is_set()
    assert [one.get("body") for one in sent] == [None, b"a", b""]
    assert sent[-1]["more_body"] is False
