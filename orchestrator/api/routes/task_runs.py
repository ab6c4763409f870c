"""Runs: listed, looked at and canceled."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field

from orchestrator.api import render, schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.errors import Refused
from orchestrator.api.requests.filters import checked_ids, task_ids, workflow_ids
from orchestrator.api.requests.paging import Page, id_cursor, ids_of
from orchestrator.api.responses import answer, json_response
from orchestrator.api.schemas.runs import RunStatus
from orchestrator.api.slugs import SlugsDep
from orchestrator.core.runs.run import WIRE_STATUS
from orchestrator.store import ids
from orchestrator.store.runs.cancel import cancel_tree
from orchestrator.store.runs.listing import Filter

router = APIRouter(tags=["task runs"])

CANCELED_BY_CLIENT: Final = "canceled by a client of the API"


class RunQuery(Page):
    """Runs that have one of the values of each field that is given."""

    cursor: str | None = ids_of(ids.RUN)
    task_slug: list[str] = Field(default_factory=list, description="workflow/task, or a bare task name")
    root_task_run_id: list[str] = Field(default_factory=list)
    workflow_version_id: list[str] = Field(default_factory=list)
    workflow_id: list[str] = Field(default_factory=list)
    workflow_id_too: list[str] = Field(default_factory=list, alias="workflowID")
    status: list[RunStatus] = Field(default_factory=list)


@router.get("/v1/task-runs", response_model=list[schemas.TaskRunWithCursor])
async def list_runs(query: Annotated[RunQuery, Query()], services: ServicesDep, slugs: SlugsDep) -> Response:
    """Runs, newest first. A task or workflow that is not there is not found; of a deleted one, runs are found by its id."""
    before = id_cursor(query.cursor, ids.RUN)
    wanted = await _filter(query, services)
    runs = await services.listing.page(wanted, before=before, limit=query.limit)
    return answer(
        [
            schemas.TaskRunWithCursor(task_run=render.task_run(run, await slugs.find(run.workflow_id)), cursor=run.id)
            for run in runs
        ]
    )


@router.get("/v1/task-runs/{taskRunId}", response_model=schemas.TaskRunDetails)
async def get_run(taskRunId: str, services: ServicesDep, slugs: SlugsDep) -> Response:  # noqa: N803
    """A run with its input and outcome."""
    stored = await services.runs.get_stored(taskRunId)
    return json_response(render.details(stored, await slugs.find(stored.run.workflow_id)))


@router.delete("/v1/task-runs/{taskRunId}", status_code=HTTPStatus.NO_CONTENT)
async def cancel_run(taskRunId: str, services: ServicesDep) -> Response:  # noqa: N803
    """Cancel a run and all it started. A run that has ended cannot be canceled: 409."""
    run = await services.runs.get(taskRunId)
    if run.is_terminal or not await cancel_tree(services.runs, run.id, CANCELED_BY_CLIENT, now_ms=services.now_ms()):
        status = (await services.runs.get(taskRunId)).status
        message = f"run {run.id} is {WIRE_STATUS[status]}: only a run that is pending or running can be canceled"
        raise Refused(HTTPStatus.CONFLICT, "already_ended", message)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _filter(query: RunQuery, services: Services) -> Filter:
    return Filter(
        root_ids=checked_ids(ids.RUN, "rootTaskRunId", query.root_task_run_id),
        task_ids=await task_ids(services.workflows, query.task_slug),
        version_ids=checked_ids(ids.VERSION, "workflowVersionId", query.workflow_version_id),
        workflow_ids=await workflow_ids(services.workflows, query.workflow_id + query.workflow_id_too),
        statuses=frozenset(status for status, word in WIRE_STATUS.items() if word in query.status),
    )
