"""Asking for a run: the busiest route, so it is checked by hand and answers with few trips to the store."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, Request, Response

from orchestrator.api import deps, render, schemas
from orchestrator.api.errors import Refused, bad_request, require_admission
from orchestrator.api.requests.body import declared, is_text, read_object, too_large
from orchestrator.api.responses import answer
from orchestrator.api.slugs import Slugs
from orchestrator.api.targets import Targets
from orchestrator.core.runs.submission import RunLimits, root_run
from orchestrator.core.runs.trace import checked as traceparent
from orchestrator.core.signature import bind
from orchestrator.store import ids
from orchestrator.store.runs.store import Disposition
from orchestrator.store.workflows.store import Target
from orchestrator_runtime import json_text
from orchestrator_runtime.wire import INPUT_LIMIT_BYTES

PATH: Final = "/v1/task-runs"
router = APIRouter(tags=["task runs"])

_TASK_LIMIT_CHARS: Final = 512

_BODY_LIMIT_BYTES: Final = 3 * INPUT_LIMIT_BYTES + 64 * 1024
"""An input may arrive with every character escaped, which makes it up to three times as long."""
_KEY_LIMIT_CHARS: Final = 256
_PATIENCE_LIMIT_S: Final = 366 * 24 * 3600
_REPLAYED: Final = {"Idempotent-Replayed": "true"}


class Asked(NamedTuple):
    """A checked request; `idempotency_key` is empty when there is none."""

    task: str
    input_json: str
    idempotency_key: str
    limits: RunLimits


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
    An input that the task's signature does not take is refused. The run belongs to the trace of the header `traceparent`.
    """
    services = deps.of(request)
    require_admission(services.admission.no_runs)
    content = await read_object(request, _BODY_LIMIT_BYTES)
    asked = check(content, services.queue_ttl_s)
    disposition = Disposition.OUTDATED
    while disposition is Disposition.OUTDATED:
        target = await _target(Targets.of(request), asked.task, content["input"])
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
            run, asked.input_json, idempotency_key=asked.idempotency_key, workflow_digest=target.digest or None
        )
        if disposition is Disposition.OUTDATED:
            Targets.of(request).forget(asked.task)
    if disposition is Disposition.RETIRED:
        number = target.version.number
        message = f"version {number} of this workflow is old and was removed a moment ago; ask for a newer one"
        raise Refused(HTTPStatus.NOT_FOUND, "not_found", message)
    is_replayed = disposition is Disposition.EXISTS
    if is_replayed:
        run = await services.runs.get(run_id)
    shape = render.task_run(run, await Slugs.of(request).find(run.workflow_id))
    return answer(shape, HTTPStatus.ACCEPTED, _REPLAYED if is_replayed else None)


async def _target(targets: Targets, task: str, given: list[Any] | dict[str, Any]) -> Target:
    """What the request means; its input is refused only by what the task is now."""
    while True:
        target = await targets.find(task)
        wrong = bind(target.task, given)
        if not wrong:
            return target
        if await targets.is_still(task, target):
            raise bad_request(wrong, "wrong_arguments")


def check(content: dict[str, Any], queue_ttl_s: int | None = None) -> Asked:
    """The request in the body; `queue_ttl_s` where it does not say. Raises Refused."""
    return Asked(
        _task(content.get("task")),
        _input_json(content),
        _key(content.get("idempotencyKey")),
        RunLimits(_seconds(content, "queueTimeoutSeconds") or queue_ttl_s, _seconds(content, "deadlineSeconds")),
    )


def _task(task: object) -> str:
    if not isinstance(task, str) or not task or len(task) > _TASK_LIMIT_CHARS or not is_text(task):
        raise bad_request("task must be text: workflow/task, such as quickstart/calculate_square, or a task's id")
    return task


def _input_json(content: dict[str, Any]) -> str:
    given = content.get("input")
    if not isinstance(given, list | dict):
        what = f"is {json.dumps(given)[:50]}" if "input" in content else "is missing"
        raise bad_request(f"input {what}: give a list or an object of the task's arguments, [] for none")
    try:
        data = json_text.encode(given)
    except ValueError as error:
        raise bad_request(f"input cannot be kept: {error}") from None
    if len(data) > INPUT_LIMIT_BYTES:
        raise too_large("input", len(data), INPUT_LIMIT_BYTES)
    return data.decode()


def _seconds(content: dict[str, Any], name: str) -> int | None:
    given = content.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= _PATIENCE_LIMIT_S:
        raise bad_request(f"{name} must be a whole number of seconds from 1 to {_PATIENCE_LIMIT_S} (a year)")
    return given


def _key(key: object) -> str:
    if key is None:
        return ""
    if not isinstance(key, str) or not 0 < len(key) <= _KEY_LIMIT_CHARS or not is_text(key):
        raise bad_request(f"idempotencyKey must be text of 1 to {_KEY_LIMIT_CHARS} characters")
    return key
