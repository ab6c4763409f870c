"""Registered tasks."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field

from orchestrator.api import render, schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.requests import paging
from orchestrator.api.requests.filters import task_ids, workflow_ids
from orchestrator.api.responses import answer
from orchestrator.api.slugs import SlugsDep
from orchestrator.core.tasks import TaskSpec
from orchestrator.core.workflow import Version
from orchestrator.store.workflows.store import Unknown

router = APIRouter(tags=["tasks"])

_SEPARATOR: Final = "."


class TaskQuery(paging.Page):
    """Tasks that have one of the values of each field that is given; of the versions that serve, unless named."""

    cursor: str | None = Field(None, json_schema_extra={"pattern": r"\."})
    task_slug: list[str] = Field(default_factory=list, description="workflow/task, or a bare task name")
    workflow_version_id: list[str] = Field(default_factory=list)
    workflow_id: list[str] = Field(default_factory=list)
    workflow_id_too: list[str] = Field(default_factory=list, alias="workflowID")


@router.get("/v1/tasks", response_model=list[schemas.TaskWithCursor])
async def list_tasks(query: Annotated[TaskQuery, Query()], services: ServicesDep, slugs: SlugsDep) -> Response:
    """Tasks, the newest first."""
    if query.cursor is not None and _SEPARATOR not in query.cursor:
        raise paging.unknown_cursor(query.cursor)
    found = await _find(query, services)
    pauses = await services.pauses.all()
    page = paging.after(found, _cursor, query.cursor, query.limit)
    return answer(
        [
            schemas.TaskWithCursor(
                task=render.task(spec, version, await slugs.find(version.workflow_id) or "", pauses.get(spec.id)),
                cursor=_cursor((version, spec)),
            )
            for version, spec in page
        ]
    )


@router.get("/v1/tasks/{taskId:path}", response_model=schemas.Task)
async def get_task(taskId: str, services: ServicesDep, slugs: SlugsDep) -> Response:  # noqa: N803
    """A task, by its id or as ``workflow/task``, as the version that serves has it."""
    version, spec, _ = await services.workflows.resolve(taskId)
    slug = await slugs.find(version.workflow_id) or ""
    return answer(render.task(spec, version, slug, await services.pauses.of(spec.id)))


async def _find(query: TaskQuery, services: Services) -> list[tuple[Version, TaskSpec]]:
    of_workflows = await workflow_ids(services.workflows, [*query.workflow_id, *query.workflow_id_too])
    of_tasks = await task_ids(services.workflows, query.task_slug)
    return [
        (version, spec)
        for version in await _versions(query.workflow_version_id, services)
        for spec in version.tasks
        if (not of_workflows or version.workflow_id in of_workflows) and (not query.task_slug or spec.id in of_tasks)
    ]


async def _versions(version_ids: list[str], services: Services) -> list[Version]:
    if not version_ids:
        serving = [workflow.version_id for workflow in await services.workflows.workflows()]
        version_ids = [version_id for version_id in serving if version_id is not None]
    found: list[Version] = []
    for version_id in dict.fromkeys(version_ids):
        try:
            found.append(await services.workflows.version(version_id))
        except Unknown:
            continue
    return found


def _cursor(item: tuple[Version, TaskSpec]) -> str:
    return f"{item[0].id}{_SEPARATOR}{item[1].id}"
