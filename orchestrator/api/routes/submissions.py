"""Asking for a run: the busiest route, so it answers with few trips to the store."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response

from orchestrator.api import deps, render, schemas
from orchestrator.api.errors import require_admission
from orchestrator.api.requests.body import declared, read_text
from orchestrator.api.requests.refused import Refused, bad_request
from orchestrator.api.requests.submission import BODY_LIMIT_BYTES, REPLAYED, Asked, asked_in, why_not
from orchestrator.api.responses import answer
from orchestrator.api.slugs import Slugs
from orchestrator.api.targets import Targets
from orchestrator.core.runs.submission import root_run
from orchestrator.core.runs.trace import checked as traceparent
from orchestrator.store import ids
from orchestrator.store.runs.store import Disposition
from orchestrator.store.workflows.store import Target

PATH: Final = "/v1/task-runs"
router = APIRouter(tags=["task runs"])


@router.post(
    PATH,
    status_code=HTTPStatus.ACCEPTED,
    response_model=schemas.TaskRun,
    openapi_extra=declared(schemas.Submission),
)
async def submit(request: Request) -> Response:
    """Ask for a run.

    A repeated `idempotencyKey` answers with the run of the first request (within 24 hours, for each workflow) and the
    header `Idempotent-Replayed: true`. `queueTimeoutSeconds` limits each wait for capacity, `deadlineSeconds` everything.
    An input that the task's signature does not take, or whose values do not fit the schemas it checks them with, is refused.
    The run belongs to the trace of the header `traceparent`.
    """
    services = deps.of(request)
    require_admission(services.admission.no_runs)
    asked = await asked_in(await read_text(request, BODY_LIMIT_BYTES), services.queue_ttl_s)
    disposition, said = Disposition.OUTDATED, asked.annotations
    while disposition is Disposition.OUTDATED:
        target = await _target(Targets.of(request), asked)
        now_ms = services.now_ms()
        run = root_run(
            ids.new_id(ids.RUN, now_ms),
            target.version,
            target.task,
            now_ms=now_ms,
            limits=asked.limits,
            traceparent=traceparent(request.headers.get("traceparent")),
        )
        disposition, run_id = await services.runs.create(
            run, asked.input_json, said, idempotency_key=asked.idempotency_key, workflow_digest=target.digest or None
        )
        if disposition is Disposition.OUTDATED:
            Targets.of(request).forget(asked.task)
    if disposition is Disposition.RETIRED:
        number = target.version.number
        message = f"version {number} of this workflow is old and was removed a moment ago; ask for a newer one"
        raise Refused(HTTPStatus.NOT_FOUND, "not_found", message)
    is_replayed = disposition is Disposition.EXISTS
    if is_replayed:
        (first,) = await services.runs.get_annotated([run_id])
        run, said = first.run, first.annotations
    shape = render.task_run(run, await Slugs.of(request).find(run.workflow_id), said)
    return answer(shape, HTTPStatus.ACCEPTED, REPLAYED if is_replayed else None)


async def _target(targets: Targets, asked: Asked) -> Target:
    """What the request means; its input is refused only by what the task is now."""
    while True:
        target = await targets.find(asked.task)
        wrong = await why_not(target.task, asked)
        if not wrong:
            return target
        if await targets.is_still(asked.task, target):
            raise bad_request(wrong, "wrong_arguments")
