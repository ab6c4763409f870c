"""Pausing workflows and tasks: their queued runs wait, what runs goes on."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from orchestrator.api import deps, render, schemas
from orchestrator.api.deps import Services
from orchestrator.api.requests.body import declared, read_shape
from orchestrator.api.responses import answer
from orchestrator.api.schemas.pauses import Pause
from orchestrator.api.slugs import Slugs
from orchestrator.store.control.pauses import Pause as Stored

router = APIRouter()

_BODY_LIMIT_BYTES: Final = 16 * 1024


@router.post(
    "/v1/workflows/{workflowId}/pause",
    response_model=schemas.Workflow,
    openapi_extra=declared(Pause),
    tags=["workflows"],
)
async def pause_workflow(workflowId: str, request: Request) -> Response:  # noqa: N803
    """Start no run of the workflow until it is resumed; new ones are taken, and what runs goes on. Safe to repeat."""
    services = deps.of(request)
    workflow = await services.workflows.get(workflowId)
    return answer(render.workflow(workflow, await _paused(workflow.id, request, services)))


@router.post("/v1/workflows/{workflowId}/resume", response_model=schemas.Workflow, tags=["workflows"])
async def resume_workflow(workflowId: str, request: Request) -> Response:  # noqa: N803
    """Start the workflow's runs again; its tasks that are paused themselves stay so. Safe to repeat."""
    services = deps.of(request)
    workflow = await services.workflows.get(workflowId)
    await services.pauses.resume(workflow.id)
    return answer(render.workflow(workflow))


@router.post(
    "/v1/tasks/{taskId:path}/pause", response_model=schemas.Task, openapi_extra=declared(Pause), tags=["tasks"]
)
async def pause_task(taskId: str, request: Request) -> Response:  # noqa: N803
    """Start no run of the task, of whatever version, until it is resumed; also none that other runs ask for. Safe to repeat."""
    services = deps.of(request)
    version, spec, _ = await services.workflows.resolve(taskId)
    pause = await _paused(spec.id, request, services)
    return answer(render.task(spec, version, await Slugs.of(request).find(version.workflow_id) or "", pause))


@router.post("/v1/tasks/{taskId:path}/resume", response_model=schemas.Task, tags=["tasks"])
async def resume_task(taskId: str, request: Request) -> Response:  # noqa: N803
    """Start the task's runs again, unless its workflow is paused. Safe to repeat."""
    services = deps.of(request)
    version, spec, _ = await services.workflows.resolve(taskId)
    await services.pauses.resume(spec.id)
    return answer(render.task(spec, version, await Slugs.of(request).find(version.workflow_id) or ""))


async def _paused(of: str, request: Request, services: Services) -> Stored:
    asked = await read_shape(request, Pause, _BODY_LIMIT_BYTES, may_be_empty=True)
    return await services.pauses.pause(of, asked.reason, now_ms=services.now_ms())
