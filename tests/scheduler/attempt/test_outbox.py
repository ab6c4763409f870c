from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from orchestrator.channel.channel import Channel
from orchestrator.engine.base import EngineUnavailable
from orchestrator.scheduler.attempt.outbox import Outbox, Tell


class StubChannel:
    """Has room while the event is set."""

    def __init__(self) -> None:
        self.has_room = asyncio.Event()

    async def room(self, channel_id: str) -> None:
        await self.has_room.wait()


class Box:
    """An outbox that runs, and what it told."""

    def __init__(self) -> None:
        self.channel = StubChannel()
        self.errors: list[Exception] = []
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.outbox = Outbox(cast(Channel, self.channel), "c", self.errors.append)

    def telling(self, what: str) -> Tell:
        async def tell() -> None:
            self.told.put_nowait(what)

        return tell


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    made = Box()
    task = asyncio.get_running_loop().create_task(made.outbox.run(), name="outbox")
    yield made
    task.cancel()
    await asyncio.wait([task])


async def test_what_waits_for_room_is_told_in_order(box: Box) -> None:
    for key in ("first", "second"):
        box.outbox.put(key, box.telling(key))
    assert box.told.empty()
    box.channel.has_room.set()
    assert [await box.told.get(), await box.told.get()] == ["first", "second"]


async def test_what_is_said_again_before_it_was_told_is_told_once(box: Box) -> None:
    box.outbox.put("answer", box.telling("answer"))
    box.outbox.put("answer", box.telling("the same"))
    box.outbox.put("last", box.telling("last"))
    box.channel.has_room.set()
    assert [await box.told.get(), await box.told.get()] == ["answer", "last"]


async def test_an_outage_is_waited_out(box: Box) -> None:
    failures = [EngineUnavailable("away")]

    async def tell() -> None:
        if failures:
            raise failures.pop()
        box.told.put_nowait("told")

    box.channel.has_room.set()
    box.outbox.put("answer", tell)
    assert await box.told.get() == "told"
    assert box.errors == []


async def test_a_bug_is_handed_on_and_ends_it() -> None:
    async def tell() -> None:
        raise LookupError("a bug")

    box = Box()
    box.channel.has_room.set()
    box.outbox.put("answer", tell)
    await box.outbox.run()
    assert [str(error) for error in box.errors] == ["a bug"]
