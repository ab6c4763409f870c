"""Operations on many runs: begun, looked at and stopped."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from orchestrator.api import deps
from orchestrator.api.deps import ServicesDep
from orchestrator.api.errors import invalid, require_admission
from orchestrator.api.requests import paging
from orchestrator.api.requests.body import declared, read_shape
from orchestrator.api.requests.refused import Refused, bad_request
from orchestrator.api.requests.run_query import RunQuery, wanted_runs
from orchestrator.api.responses import answer, moment
from orchestrator.api.schemas.operations import Operation, OperationAsked, OperationWithCursor
from orchestrator.store import ids
from orchestrator.store.control import operations as stored
from orchestrator.store.control.operations import RUNS_LIMIT
from orchestrator.store.runs.indexes import ENDED, UNFINISHED

router = APIRouter(tags=["operations"])

_BODY_LIMIT_BYTES: Final = 64 * 1024
_NAMES: Final = {field.alias or name for name, field in RunQuery.model_fields.items()}


@router.post(
    "/v1/operations",
    status_code=HTTPStatus.ACCEPTED,
    response_model=Operation,
    openapi_extra=declared(OperationAsked),
)
async def begin(request: Request) -> Response:
    """Cancel the runs that a filter finds now, or do them again: at most 10,000, the newest first. It goes on after a restart."""
    services = deps.of(request)
    asked = await read_shape(request, OperationAsked, _BODY_LIMIT_BYTES)
    if asked.action == "rerun":
        require_admission(services.admission.no_runs)
    wanted = await wanted_runs(_query(asked), services)
    run_ids = await services.listing.newest_ids(wanted, RUNS_LIMIT + 1)
    operation = stored.Operation(
        id="",
        action=asked.action,
        filter_json=json.dumps(asked.filter),
        created_at_ms=services.now_ms(),
        matched=0,
        on_current_version=asked.version == "current",
        is_limited=len(run_ids) > RUNS_LIMIT,
    )
    begun = await services.operations.begin(operation, run_ids[:RUNS_LIMIT], now_ms=operation.created_at_ms)
    return answer(_rendered(begun), HTTPStatus.ACCEPTED)


@router.get("/v1/operations", response_model=list[OperationWithCursor])
async def list_operations(query: Annotated[paging.Page, Query()], services: ServicesDep) -> Response:
    """Operations, newest first; the newest 200 are kept."""
    cursor = paging.id_cursor(query.cursor, ids.OPERATION)
    page = paging.after(await services.operations.all(), lambda one: one.id, cursor, query.limit)
    return answer([OperationWithCursor(operation=_rendered(one), cursor=one.id) for one in page])


@router.get("/v1/operations/{operationId}", response_model=Operation)
async def get_operation(operationId: str, services: ServicesDep) -> Response:  # noqa: N803
    """An operation, and how far it is."""
    return answer(_rendered(await services.operations.get(operationId)))


@router.delete("/v1/operations/{operationId}", status_code=HTTPStatus.NO_CONTENT)
async def stop(operationId: str, services: ServicesDep) -> Response:  # noqa: N803
    """Leave alone the runs it has not come to yet. One that is over cannot be stopped: 409."""
    operation = await services.operations.get(operationId)
    if not await services.operations.end(operation.id, "stopped", now_ms=services.now_ms()):
        message = f"operation {operation.id} is over: it dealt with {operation.position} of {operation.matched} runs"
        raise Refused(HTTPStatus.CONFLICT, "already_ended", message)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _query(asked: OperationAsked) -> RunQuery:
    """The filter; a name that is none would leave it wider than was meant. Raises Refused."""
    if unknown := sorted(asked.filter.keys() - _NAMES):
        raise bad_request(f"filter has no {', '.join(unknown)[:100]}; it has {', '.join(sorted(_NAMES))}")
    try:
        query = RunQuery.model_validate(asked.filter)
    except ValidationError as error:
        raise invalid(error.errors()) from None
    if query == RunQuery.model_validate({}):
        raise bad_request("filter is empty, which would be all runs there are: say which, by status, workflow, task, …")
    words = UNFINISHED if asked.action == "cancel" else ENDED
    return query if query.status else query.model_copy(update={"status": sorted(words)})


def _rendered(found: stored.Operation) -> Operation:
    given: dict[str, Any] = json.loads(found.filter_json)
    return Operation(
        id=found.id,
        action=found.action,
        filter=given,
        version="current" if found.on_current_version else "same",
        status=found.status,
        matched=found.matched,
        done=found.done,
        failed=found.failed,
        is_limited=found.is_limited,
        error=found.error or None,
        created_at=moment(found.created_at_ms),
        completed_at=moment(found.ended_at_ms) if found.ended_at_ms else None,
    )
