"""Nothing of an instance is left with its engine but what others use."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.app.upkeep.cleaning import clean, look
from orchestrator.core.container.spec import LABEL_INSTANCE, ContainerSpec
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.engine.fake.process import FakeProcess, Program

IMAGE = "sha256:1"


@pytest.fixture
def programs() -> dict[str, Program]:
    async def program(process: FakeProcess) -> int:
        await asyncio.Event().wait()
        return 0

    return {IMAGE: program}


async def test_what_is_left_is_told_and_taken_away(fake_engine: FakeEngine, instance: str) -> None:
    for name in ("one", "two"):
        labels = {LABEL_INSTANCE: instance}
        container = await fake_engine.create(
            ContainerSpec(name, IMAGE, (), {}, labels, 500, 2**29, 10, 2**20, "/", "none")
        )
    await fake_engine.start(container)
    await fake_engine.keep_image(IMAGE)
    left = await look(fake_engine)
    assert (len(left.containers), left.running, left.images) == (2, 1, (IMAGE,))
    assert not await clean(fake_engine, left)
    assert not await clean(fake_engine, await look(fake_engine)), "it is safe to repeat"
