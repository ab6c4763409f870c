"""Containers that run a shell script, for tests against Docker."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from orchestrator.core.container.network import EVERYWHERE, Reach
from orchestrator.core.container.spec import ContainerDefaults, ContainerIdentity, Mount, Role, compile_spec
from orchestrator.core.plans import MIB, Plan
from orchestrator.engine.docker.engine import DockerEngine

TINY = Plan("tiny", 500, 64 * MIB)

Play = Callable[..., Awaitable[tuple[int, list[str]]]]
"""Runs a shell script in a container and returns its exit code and what it printed."""


@pytest.fixture
async def play(docker_engine: DockerEngine, base_image: str, instance: str) -> AsyncIterator[Play]:
    made: list[str] = []

    async def play(
        script: str,
        *,
        plan: Plan = TINY,
        network: str = "none",
        mounts: tuple[Mount, ...] = (),
        reach: Reach = EVERYWHERE,
    ) -> tuple[int, list[str]]:
        defaults = ContainerDefaults(network, mounts, ("sh", "-c", script), "/app")
        identity = ContainerIdentity(instance, Role.ATTEMPT, secrets.token_hex(8))
        made.append(await docker_engine.create(compile_spec(identity, base_image, plan, {}, defaults, reach)))
        await docker_engine.start(made[-1])
        state = await docker_engine.wait(made[-1])
        assert state is not None
        assert state.exit_code is not None
        return state.exit_code, [
            line.message async for batch in docker_engine.logs(made[-1], follow=False) for line in batch
        ]

    yield play
    for container_id in made:
        await docker_engine.remove(container_id)
