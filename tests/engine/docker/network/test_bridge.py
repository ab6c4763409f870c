from __future__ import annotations

import asyncio
from typing import Any

import pytest

from orchestrator.engine.base import EngineError
from orchestrator.engine.docker.engine import DockerEngine
from tests.engine.docker.conftest import Play

pytestmark = pytest.mark.docker


async def test_the_instances_network_is_made_once_and_taken_away(docker_engine: DockerEngine, play: Play) -> None:
    await asyncio.gather(*(docker_engine.prepare() for _ in range(3)))
    assert (await play("ls /sys/class/net", network=docker_engine.network))[1] == ["eth0", "lo"]


async def test_a_network_removed_by_somebody_is_made_again(docker_engine: DockerEngine, play: Play) -> None:
    assert (await play("exit 4", network=docker_engine.network))[0] == 4


async def test_a_network_of_that_name_that_is_not_ours_is_left_alone(
    docker_engine: DockerEngine, docker_client: Any
) -> None:
    docker_client.create_network(docker_engine.network)
    try:
        with pytest.raises(EngineError, match="not ours"):
            await docker_engine.prepare()
    finally:
        docker_client.remove_network(docker_engine.network)
