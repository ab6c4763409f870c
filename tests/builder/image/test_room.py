from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from orchestrator.builder.image.room import within_room
from orchestrator.engine.base import BuildFailed


async def fill(free: Iterator[int], ended: list[str]) -> None:
    async with within_room(lambda: next(free)):
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("build")


async def test_a_build_that_fills_the_disk_is_stopped() -> None:
    ended: list[str] = []
    with pytest.raises(BuildFailed, match="the disk is nearly full"):
        await fill(iter([1, 0, -1]), ended)
    assert ended == ["build"]


async def test_what_a_build_itself_raises_is_kept() -> None:
    with pytest.raises(TimeoutError, match="its own"):
        async with within_room(lambda: 0):
            raise TimeoutError("its own")


async def test_nobody_looks_after_a_build() -> None:
    looks: list[str] = []

    def free_bytes() -> int:
        looks.append("look")
        return 0

    async with within_room(free_bytes):
        pass
    await asyncio.sleep(0)
    assert not looks
