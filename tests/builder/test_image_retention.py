"""Images stay for as long as there are versions of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.builder.image_retention import ImageRetention
from orchestrator.builder.sources import Sources
from orchestrator.core.tasks import check
from orchestrator.core.workflow import Source, Version
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.engine.fake.process import FakeProcess, Program
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.removal import Removal
from orchestrator.store.workflows.store import WorkflowStore
from tests.env_cipher import CIPHER


async def nothing(process: FakeProcess) -> int:
    return 0


@pytest.fixture
async def workflows(store: Client, redis_servers: tuple[str, str]) -> AsyncIterator[WorkflowStore]:
    binary = connect_binary(redis_servers[0])
    yield WorkflowStore(store, binary, CIPHER)
    await binary.aclose()


@pytest.fixture
def images(
    fake_engine: FakeEngine, workflows: WorkflowStore, programs: dict[str, Program], tmp_path: Path
) -> ImageRetention:
    programs.update({"image 1": nothing, "image 2": nothing})
    return ImageRetention(fake_engine, workflows, Sources(tmp_path, 0), interval_s=0)


async def released(workflows: WorkflowStore, image: str) -> Version:
    _, version = await workflows.deploy("maths", Source("/"), "main.py", {}, b"", now_ms=1)
    return await workflows.release(replace(version, image=image), check([{"name": "square"}]), now_ms=1)


async def test_an_image_goes_with_the_last_version_of_it(
    images: ImageRetention, fake_engine: FakeEngine, workflows: WorkflowStore, store: Client
) -> None:
    olds = [await released(workflows, "image 1") for _ in range(2)]
    await released(workflows, "image 2")
    for image in ("image 1", "image 2"):
        await images.keep(image)
    for old, left in zip(olds, ({"image 1", "image 2"}, {"image 2"}), strict=True):
        assert await Removal(store).remove_version(old, now_ms=2)
        await images.clear()
        assert await fake_engine.kept_images() == left


async def test_an_image_goes_with_its_workflow(
    images: ImageRetention, fake_engine: FakeEngine, workflows: WorkflowStore
) -> None:
    await released(workflows, "image 1")
    await images.keep("image 1")
    await workflows.delete(await workflows.get("maths"))
    await images.clear()
    assert await fake_engine.kept_images() == frozenset()


async def test_an_image_that_a_version_needs_is_put_back(
    images: ImageRetention, fake_engine: FakeEngine, workflows: WorkflowStore
) -> None:
    await released(workflows, "image 1")
    await images.clear()
    assert await fake_engine.kept_images() == {"image 1"}
