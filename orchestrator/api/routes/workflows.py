"""Workflows."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field

from orchestrator.api import render, schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.requests import paging
from orchestrator.api.requests.filters import workflow_ids
from orchestrator.api.responses import answer
from orchestrator.core.runs.run import TERMINAL, Status
from orchestrator.core.workflow import Workflow
from orchestrator.store import ids
from orchestrator.store.runs.cancel import cancel_tree
from orchestrator.store.runs.listing import Filter

router = APIRouter(tags=["workflows"])

_UNFINISHED: Final = Filter(statuses=frozenset(Status) - TERMINAL)
_PAGE: Final = 100


class WorkflowQuery(paging.Page):
    """Workflows that have one of the values of each field that is given."""

    cursor: str | None = paging.ids_of(ids.WORKFLOW)
    name: list[str] = Field(default_factory=list)
    workflow_id: list[str] = Field(default_factory=list)
    workflow_id_too: list[str] = Field(default_factory=list, alias="workflowID")
    environment_id: list[str] = Field(default_factory=list, description="Accepted and ignored: there are none.")


@router.get("/v1/workflows", response_model=list[schemas.WorkflowWithCursor])
async def list_workflows(query: Annotated[WorkflowQuery, Query()], services: ServicesDep) -> Response:
    """Workflows, newest first."""
    wanted = await workflow_ids(services.workflows, [*query.workflow_id, *query.workflow_id_too])
    found = [
        one
        for one in await services.workflows.workflows()
        if (not wanted or one.id in wanted) and (not query.name or one.name in query.name)
    ]
    pauses = await services.pauses.all()
    page = paging.after(found, lambda one: one.id, paging.id_cursor(query.cursor, ids.WORKFLOW), query.limit)
    return answer(
        [schemas.WorkflowWithCursor(workflow=render.workflow(one, pauses.get(one.id)), cursor=one.id) for one in page]
    )


@router.get("/v1/workflows/{workflowId}", response_model=schemas.Workflow)
async def get_workflow(workflowId: str, services: ServicesDep) -> Response:  # noqa: N803
    """A workflow, by its id or slug."""
    found = await services.workflows.get(workflowId)
    return answer(render.workflow(found, await services.pauses.of(found.id)))


@router.delete("/v1/workflows/{workflowId}", status_code=HTTPStatus.NO_CONTENT)
async def delete_workflow(workflowId: str, services: ServicesDep) -> Response:  # noqa: N803
    """Delete a workflow with its versions and tasks, and cancel its runs; these can still be looked at."""
    workflow = await services.workflows.get(workflowId)
    await _cancel_runs(workflow, services)
    await services.workflows.delete(workflow)
    await _cancel_runs(workflow, services)  # those asked for in between
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _cancel_runs(workflow: Workflow, services: Services) -> None:
    before = None
    wanted = Filter(workflow_ids=frozenset({workflow.id}), statuses=_UNFINISHED.statuses)
    while page := await services.listing.page(wanted, before=before, limit=_PAGE):
        for run in page:
            await cancel_tree(
                services.runs, run.id, f"workflow '{workflow.slug}' was deleted", now_ms=services.now_ms()
            )
        before = page[-1].id
