"""Containers that were started ahead, as tests look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.core.container.spec import LABEL_ROLE, ContainerState, Role
from orchestrator.core.plans import GIB
from orchestrator.core.runs.run import Run
from orchestrator.core.scheduling.pool import PoolLimits
from tests.scheduler.shim_program import Task
from tests.wait import wait_until

if TYPE_CHECKING:
    from tests.scheduler.conftest import Instance

LIMITS = PoolLimits(budget_bytes=GIB, most_per_kind=2)


async def where(task: Task) -> str:
    """The role of the container it runs in."""
    return str(task.process.spec.labels[LABEL_ROLE])


async def until_ready(instance: Instance, count: int = 1) -> None:
    async def are_ready() -> bool:
        return instance.dispatcher is not None and len(instance.dispatcher.pool) >= count

    await wait_until(are_ready, f"{count} containers to be ready")


async def warm_containers(instance: Instance) -> list[ContainerState]:
    return [state for state in await instance.engine.list() if state.labels[LABEL_ROLE] == Role.WARM]


async def run(instance: Instance) -> tuple[Run, str | None]:
    ended = await instance.ended(await instance.submit("where"))
    return ended.run, ended.result
