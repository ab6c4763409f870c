"""An engine of each kind with the scenarios on it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from orchestrator.core.container.spec import (
    ContainerDefaults,
    ContainerIdentity,
    ContainerSpec,
    ContainerState,
    Role,
    compile_spec,
)
from orchestrator.core.logs import LogLine
from orchestrator.core.plans import MIB, Plan
from orchestrator.engine.base import Engine
from orchestrator.engine.fake.process import Program
from tests.contract.scenarios import SCENARIOS
from tests.wait import LIMIT_S

TINY = Plan("tiny", 500, 64 * MIB)
UNKNOWN = "f" * 64


@dataclass
class Host:
    """An engine with the scenarios on it; removes the containers it made."""

    engine: Engine
    instance: str
    base_image: str | None
    made: list[str] = field(default_factory=list)

    def spec(self, scenario: str, plan: Plan = TINY) -> ContainerSpec:
        """A container that plays the scenario."""
        defaults = ContainerDefaults("none", (), ("sh", "-c", SCENARIOS[scenario].script), "/")
        identity = ContainerIdentity(self.instance, Role.ATTEMPT, secrets.token_hex(8))
        return compile_spec(identity, self.base_image or scenario, plan, {}, defaults)

    async def created(self, scenario: str) -> str:
        container_id = await self.engine.create(self.spec(scenario))
        self.made.append(container_id)
        return container_id

    async def started(self, scenario: str) -> str:
        container_id = await self.created(scenario)
        await self.engine.start(container_id)
        return container_id

    async def ready(self, scenario: str) -> str:
        """Started, and past its first line."""
        container_id = await self.started(scenario)
        async with asyncio.timeout(LIMIT_S):
            async for batch in self.engine.logs(container_id, follow=True):
                if "ready" in [line.message for line in batch]:
                    return container_id
        raise AssertionError(f"{scenario} ended before it was ready")

    async def ended(self, scenario: str) -> ContainerState:
        """Its state after it ran to its end."""
        return await self.end_of(await self.started(scenario))

    async def end_of(self, container_id: str) -> ContainerState:
        async with asyncio.timeout(LIMIT_S):
            state = await self.engine.wait(container_id)
        assert state is not None
        return state

    async def channel_of(self, container_id: str) -> str:
        state = await self.engine.inspect(container_id)
        assert state is not None
        return state.channel_id

    async def printed(self, container_id: str, *, since_ns: int = 0, follow: bool = False) -> list[LogLine]:
        async with asyncio.timeout(LIMIT_S):
            batches = self.engine.logs(container_id, since_ns=since_ns, follow=follow)
            return [line async for batch in batches for line in batch]


@pytest.fixture(params=["fake", pytest.param("docker", marks=pytest.mark.docker)])
def unused_host(request: pytest.FixtureRequest, instance: str, programs: dict[str, Program]) -> Host:
    programs.update({name: scenario.program for name, scenario in SCENARIOS.items()})
    base_image = request.getfixturevalue("base_image") if request.param == "docker" else None
    return Host(request.getfixturevalue(f"{request.param}_engine"), instance, base_image)


@pytest.fixture
async def host(unused_host: Host) -> AsyncIterator[Host]:
    yield unused_host
    for container_id in unused_host.made:
        await unused_host.engine.remove(container_id)
