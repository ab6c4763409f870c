"""Runs: listed, looked at and canceled."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from orchestrator.api import render, schemas
from orchestrator.api.deps import ServicesDep
from orchestrator.api.requests.paging import id_cursor
from orchestrator.api.requests.refused import Refused
from orchestrator.api.requests.run_query import RunPage, RunQuery, wanted_runs
from orchestrator.api.responses import answer, json_response
from orchestrator.api.slugs import SlugsDep
from orchestrator.core.runs.run import WIRE_STATUS
from orchestrator.store import ids
from orchestrator.store.runs.cancel import cancel_tree

router = APIRouter(tags=["task runs"])

CANCELED_BY_CLIENT: Final = "canceled by a client of the API"


NEXT_CURSOR: Final = "Next-Cursor"
"""The header that says where a list goes on; one without has reached its end, however short."""


@router.get("/v1/task-runs", response_model=list[schemas.TaskRunWithCursor])
async def list_runs(query: Annotated[RunPage, Query()], services: ServicesDep, slugs: SlugsDep) -> Response:
    """Runs, newest first. A task or workflow that is not there is not found; of a deleted one, runs are found by its id.

    The header `Next-Cursor` is there unless this is the end: where much had to be looked at for little, a page may be short.
    """
    before = id_cursor(query.cursor, ids.RUN)
    found = await services.listing.find(await wanted_runs(query, services), before=before, limit=query.limit)
    explained = await services.runs.queue.explained([one.run for one in found.runs], services.now_ms())
    rows = [
        schemas.TaskRunWithCursor(
            task_run=render.task_run(run, await slugs.find(run.workflow_id), one.annotations), cursor=run.id
        )
        for run, one in zip(explained, found.runs, strict=True)
    ]
    return answer(rows, headers={NEXT_CURSOR: found.following} if found.following else None)


@router.get("/v1/task-runs/counts", response_model=schemas.RunCounts)
async def count_runs(query: Annotated[RunQuery, Query()], services: ServicesDep) -> Response:
    """How many runs there are that a list with the same filters would have, by status and by minute."""
    wanted = await wanted_runs(query, services)
    return answer(render.counts(await services.listing.counts(wanted, now_ms=services.now_ms())))


@router.get("/v1/task-runs/{taskRunId}", response_model=schemas.TaskRunDetails)
async def get_run(taskRunId: str, services: ServicesDep, slugs: SlugsDep) -> Response:  # noqa: N803
    """A run with its input and outcome."""
    stored = await services.runs.get_stored(taskRunId)
    (run,) = await services.runs.queue.explained([stored.run], services.now_ms())
    return json_response(render.details(replace(stored, run=run), await slugs.find(stored.run.workflow_id)))


@router.delete("/v1/task-runs/{taskRunId}", status_code=HTTPStatus.NO_CONTENT)
async def cancel_run(taskRunId: str, services: ServicesDep) -> Response:  # noqa: N803
    """Cancel a run and all it started. A run that has ended cannot be canceled: 409."""
    run = await services.runs.get(taskRunId)
    if run.is_terminal or not await cancel_tree(services.runs, run.id, CANCELED_BY_CLIENT, now_ms=services.now_ms()):
        status = (await services.runs.get(taskRunId)).status
        message = f"run {run.id} is {WIRE_STATUS[status]}: only a run that is pending or running can be canceled"
        raise Refused(HTTPStatus.CONFLICT, "already_ended", message)
    return Response(status_code=HTTPStatus.NO_CONTENT)
