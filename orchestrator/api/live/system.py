"""How the whole instance is, for the page that shows it: all of it is known already, or takes a few questions to the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Response

from orchestrator.api import schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.responses import answer, moment
from orchestrator.core.scheduling import waits
from orchestrator.core.scheduling.pool import Kind
from orchestrator.core.scheduling.situation import Situation, Warm
from orchestrator.core.tasks import TaskSpec
from orchestrator.core.workflow import Version
from orchestrator.store.control.pauses import Pause
from orchestrator.store.workflows.store import Unknown

router = APIRouter(tags=["instance"])

_WELL: Final = {
    "store": ("running",),
    "channel": ("connected",),
    "scheduler": ("scheduling", "standing by"),
    "starts": ("as there is room",),
}
"""How each condition begins while all is well."""


@router.get("/v1/system", response_model=schemas.System)
async def system(services: ServicesDep) -> Response:
    """How the whole instance is: what it has, what waits for what, and whether its parts are well."""
    situation = services.situation()
    disk = services.disk_bytes()
    shape = schemas.System(
        capacity=_capacity(situation) if situation else None,
        queued=await services.runs.queue.length(),
        oldest_queued_at=await _oldest_at(services),
        waiting=await _waiting(services),
        warm_pool=[shown for warm in situation.warm if (shown := await _warm(services, warm))] if situation else [],
        redis=await _redis(services),
        disk=schemas.DiskSpace(free_bytes=disk[0], total_bytes=disk[1]) if disk else None,
        leader=await _leader(services),
        retention=dict(services.retention),
        checks=list(_checks(services)),
    )
    return answer(shape)


def _capacity(now: Situation) -> schemas.Capacity:
    cpu = schemas.CpuShare(total=now.capacity.cpu_millis / 1000, reserved=now.reserved.cpu_millis / 1000)
    memory = schemas.MemoryShare(
        total=now.capacity.memory_bytes, reserved=now.reserved.memory_bytes, used=now.peak_memory_bytes
    )
    return schemas.Capacity(cpu=cpu, memory_bytes=memory, containers=now.attempts)


async def _oldest_at(services: Services) -> datetime | None:
    run_id = await services.overview.oldest_pending_id()
    found = await services.runs.get_many([run_id] if run_id else [])
    return moment(found[0].created_at_ms) if found else None


async def _waiting(services: Services) -> list[schemas.Waiting]:
    tasks = [(slug, version, spec) for slug, version in await _serving(services) for spec in version.tasks]
    counts = await services.overview.pending([spec.id for _, _, spec in tasks])
    why, pauses = await services.runs.queue.why() or "its turn", await services.pauses.all()
    return [
        schemas.Waiting(workflow=slug, task=spec.name, count=count, waits_for=_paused(pauses, version, spec) or why)
        for (slug, version, spec), count in zip(tasks, counts, strict=True)
        if count
    ]


def _paused(pauses: Mapping[str, Pause], version: Version, spec: TaskSpec) -> str | None:
    for what, of in (("workflow", version.workflow_id), ("task", spec.id)):
        if of in pauses:
            return waits.paused(what, pauses[of].reason)
    return None


async def _serving(services: Services) -> list[tuple[str, Version]]:
    """The versions that serve, by the slugs of their workflows."""
    return [
        (workflow.slug, await services.workflows.version(workflow.version_id))
        for workflow in await services.workflows.workflows()
        if workflow.version_id
    ]


async def _warm(services: Services, warm: Warm) -> schemas.WarmContainers | None:
    try:
        version = await services.workflows.version(warm.kind.version_id)
        workflow = await services.workflows.get(version.workflow_id)
    except Unknown:
        return None
    return schemas.WarmContainers(
        workflow=workflow.slug,
        version=f"v{version.number}",
        plan=warm.kind.plan,
        tasks=[spec.name for spec in version.tasks if Kind.of(version.id, spec) == warm.kind],
        ready=warm.ready,
        starting=warm.starting,
    )


async def _redis(services: Services) -> schemas.StoreMemory | None:
    if services.held is None:
        return None
    held = await services.held()
    return schemas.StoreMemory(used_bytes=held.memory_bytes, max_bytes=held.memory_limit_bytes or None)


async def _leader(services: Services) -> schemas.Leader | None:
    owner = await services.overview.leader()
    return schemas.Leader(id=owner, is_this=services.info.get("scheduler") == "scheduling") if owner else None


def _checks(services: Services) -> Iterator[schemas.SystemCheck]:
    for name, well in _WELL.items():
        if said := services.info.get(name):
            yield schemas.SystemCheck(name=name, is_ok=said.startswith(well), message=said)
    admission = services.admission
    for name, lack in (("new runs", admission.no_runs), ("deploys", admission.no_deploys)):
        yield schemas.SystemCheck(name=name, is_ok=not lack, message=lack or "taken")
