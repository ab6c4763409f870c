"""Who takes what is sent, however slowly, is served; who does not is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from orchestrator.app.serving.connections import MINIMUM_BYTES
from orchestrator.app.serving.taking import Taking
from tests.wait import LIMIT_S, wait_until


class FakeTransport:
    """Of which so much waits to be taken, and at each look so much less."""

    def __init__(self, waits_bytes: int, less_bytes: int) -> None:
        self.waits_bytes = waits_bytes
        self.less_bytes = less_bytes
        self.looks = 0

    def get_write_buffer_size(self) -> int:
        self.looks += 1
        self.waits_bytes -= self.less_bytes
        return self.waits_bytes


def taking(transport: Any, cut: Callable[[], None]) -> Taking:
    return Taking(transport, 0.01, cut)


async def test_who_takes_too_little_is_cut_off() -> None:
    cut = asyncio.Event()
    taking(FakeTransport(1_000_000, 1), cut.set).begin()
    async with asyncio.timeout(LIMIT_S):
        await cut.wait()


async def test_who_goes_on_taking_is_not() -> None:
    cut, transport = asyncio.Event(), FakeTransport(10 * MINIMUM_BYTES, MINIMUM_BYTES)
    watched = taking(transport, cut.set)
    watched.begin()

    async def was_looked_at() -> bool:
        return transport.looks > 4

    await wait_until(was_looked_at, "five looks")
    watched.end()
    assert not cut.is_set()
