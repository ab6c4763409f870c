"""Deep and wide trees on a host that fits one standard container: they finish, and never take more than there is.

`make test-deep` runs them at their full size: 200 children, one container at a time.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.app.composition import running
from orchestrator.app.data_dir import DataDir
from orchestrator.app.instance import Running
from orchestrator.app.settings import Settings
from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator.core.plans import GIB
from orchestrator.core.scheduling.capacity import Amount
from orchestrator_sdk import AsyncClient
from tests.leftovers import remove_all
from tests.live_instance import LiveInstance
from tests.starts import watch_starts
from tests.wait import wait_until

pytestmark = pytest.mark.docker

TREES = Path(__file__).parent / "trees"
WIDTH = int(os.environ.get("ORCHESTRATOR_TEST_WIDTH", "10"))
DEPTH = min(WIDTH, 30)
ONE_STANDARD = Amount(1_000, 2 * GIB)


@pytest.fixture
async def instance_for_one(home: Path, docker_client: Any, base_image: str) -> AsyncIterator[Running]:
    """In this process, to look inside."""
    settings = Settings(
        data_dir=home / "data",
        port=0,
        capacity_cpus=1,
        capacity_memory_bytes=ONE_STANDARD.memory_bytes,
        cpu_overcommit=1,
        memory_reservation="plan",
    )
    try:
        async with running(settings) as instance:
            version = await asyncio.to_thread(LiveInstance(settings.data_dir).deploy, TREES, "trees")
            assert version["status"] == "ready"
            yield instance

            async def is_idle() -> bool:
                return not await instance.context.engine.list()

            await wait_until(is_idle, "all containers to be gone")
    finally:
        left = remove_all(docker_client, f"{LABEL_INSTANCE}={DataDir(settings.data_dir).instance()}")
    assert left == []


@pytest.mark.timeout(120 + 10 * (DEPTH + WIDTH))
async def test_a_deep_and_a_wide_tree_finish_where_one_standard_container_fits(
    instance_for_one: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = watch_starts(monkeypatch, instance_for_one.capacity)
    async with AsyncClient(url=instance_for_one.url, api_key=instance_for_one.api_key) as client:
        chain = await client.start("trees/countdown", [DEPTH])
        fan_out = await client.start("trees/sum_squares", [WIDTH])
        assert (await client.wait(chain.id)).results == [DEPTH]
        assert (await client.wait(fan_out.id)).results == [sum(number**2 for number in range(WIDTH))]
    assert starts == [True] * (DEPTH + 1 + WIDTH + 1), "each run was started once, within the capacity"
