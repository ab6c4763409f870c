"""Server-sent events as a strict client reads them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx

from tests.api.support.wire import check_no_nulls


class Event(NamedTuple):
    """One event, or a comment under the name ``:``."""

    name: str
    id: str
    data: Any


def parse(block: str) -> Event:
    """The event in the lines between two empty ones."""
    assert block.isascii()
    if block.startswith(":"):
        return Event(":", "", block[1:].strip())
    if block.endswith("\n: ping"):
        return Event(":", block.partition("\n")[0].removeprefix("id: "), "ping")
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    assert len(fields) == len(block.split("\n")), "a field is repeated"
    if "retry" in fields:
        return Event("retry", "", int(fields["retry"]))
    data = json.loads(fields["data"])
    check_no_nulls(data)
    return Event(fields["event"], fields.get("id", ""), data)


@asynccontextmanager
async def stream(client: httpx.AsyncClient, path: str) -> AsyncIterator[AsyncIterator[Event]]:
    """The events at the path, as they come."""
    async with client.stream("GET", path) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "no-cache" in response.headers["cache-control"]
        yield _events(response)


async def _events(response: httpx.Response) -> AsyncIterator[Event]:
    text = ""
    async for chunk in response.aiter_text():
        text += chunk
        while "\n\n" in text:
            block, text = text.split("\n\n", 1)
            yield parse(block)
    assert text == "", "the stream ended within an event"


async def read_all(client: httpx.AsyncClient, path: str) -> list[Event]:
    """The events until the stream closes, without the announcement before them."""
    async with stream(client, path) as events:
        found = [event async for event in events]
    assert found[0] == Event("retry", "", 2000)
    return found[1:]
