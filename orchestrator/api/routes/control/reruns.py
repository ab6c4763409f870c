"""Doing a run again."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from orchestrator.api import deps, render, schemas
from orchestrator.api.errors import require_admission
from orchestrator.api.requests.body import declared, read_text
from orchestrator.api.requests.parsing import understood
from orchestrator.api.requests.refused import Refused, bad_request
from orchestrator.api.requests.rerun import asked_again
from orchestrator.api.requests.submission import BODY_LIMIT_BYTES, REPLAYED, check_size
from orchestrator.api.responses import answer
from orchestrator.api.slugs import Slugs
from orchestrator.core.runs.trace import checked as traceparent
from orchestrator.store.control.rerun import CannotRerun, Changes, WrongInput, rerun

router = APIRouter(tags=["task runs"])


@router.post(
    "/v1/task-runs/{taskRunId}/rerun",
    status_code=HTTPStatus.ACCEPTED,
    response_model=schemas.TaskRun,
    openapi_extra=declared(schemas.Rerun),
)
async def rerun_run(taskRunId: str, request: Request) -> Response:  # noqa: N803
    """Do a run again, as the first run of a tree of its own; also a chained one, and one that is not over.

    It has the same input, limits and tags, on the same version, unless the body says otherwise. A repeated `idempotencyKey`
    answers with the run of the first request, as at a submission. 409 when the version is not there any more.
    """
    services = deps.of(request)
    require_admission(services.admission.no_runs)
    body = await read_text(request, BODY_LIMIT_BYTES, may_be_empty=True)
    check_size(body)
    asked = await understood(asked_again, body)
    try:
        run, is_new = await rerun(
            services.runs,
            services.workflows,
            taskRunId,
            Changes(asked.input_json, on_current_version=asked.on_current_version),
            now_ms=services.now_ms(),
            idempotency_key=asked.idempotency_key,
            traceparent=traceparent(request.headers.get("traceparent")),
        )
    except WrongInput as error:
        raise bad_request(str(error), "wrong_arguments") from None
    except CannotRerun as error:
        raise Refused(HTTPStatus.CONFLICT, "version_gone", str(error)) from None
    (found,) = await services.runs.get_annotated([run.id])
    shape = render.task_run(found.run, await Slugs.of(request).find(run.workflow_id), found.annotations)
    return answer(shape, HTTPStatus.ACCEPTED, None if is_new else REPLAYED)
