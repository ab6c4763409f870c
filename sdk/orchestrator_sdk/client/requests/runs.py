from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from orchestrator_sdk.client.models import TaskRun, TaskRunDetails
from orchestrator_sdk.client.requests.request import Filter, Input, Page, Request, encode, pages, present, segment
from orchestrator_sdk.conversion.to_json import to_json


def start(
    task: str,
    input: Input = (),
    *,
    idempotency_key: str | None = None,
    queue_timeout_s: int | None = None,
    deadline_s: int | None = None,
) -> Request[TaskRun]:
    """Ask for a run of ``workflow/task``; returns at once.

    `input` is a list of positional arguments or a dict of named ones; dates, dataclasses and the like travel as a chained run's
    do. A repeated `idempotency_key` gives the first run again. A run that waits longer than `queue_timeout_s` for capacity
    fails, as does one that is not over after `deadline_s`, waits and retries included. Raises TypeError or ValueError for an
    input that is not JSON.
    """
    limits = {"idempotencyKey": idempotency_key, "queueTimeoutSeconds": queue_timeout_s, "deadlineSeconds": deadline_s}
    body = _with_input(f"'{task}'", input, {"task": task, **present(limits)})
    return Request("POST", "/task-runs", TaskRun.parse, body=body)


def rerun(
    run_id: str,
    input: Input | None = None,
    *,
    version: Literal["same", "current"] = "same",
    idempotency_key: str | None = None,
) -> Request[TaskRun]:
    """Do a run again, with its own input or another one; returns the new run at once, which is the first of a tree of its own.

    It is done on the version the run had, or on the workflow's current one. A repeated `idempotency_key` gives the first run
    again. Raises ConflictError when the version is not there any more; TypeError or ValueError as `start` does.
    """
    others = present({"version": version, "idempotencyKey": idempotency_key})
    body = encode(others) if input is None else _with_input(f"run {run_id}", input, others)
    return Request("POST", f"/task-runs/{segment(run_id)}/rerun", TaskRun.parse, body=body)


def _with_input(of: str, input: Input, others: Mapping[str, Any]) -> str:
    """The body with the input, which is of what `of` names. Raises TypeError or ValueError."""
    if isinstance(input, str | bytes) or not isinstance(input, Sequence | Mapping):
        raise TypeError(f"the input of {of} must be a list or a dict of its arguments, and is {input!r}")
    given = to_json(dict(input) if isinstance(input, Mapping) else list(input))
    try:
        return encode({**others, "input": given})
    except (TypeError, ValueError, RecursionError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"the input of {of} cannot be sent as JSON: {error}") from None


def get(run_id: str) -> Request[TaskRunDetails]:
    """A run with its input, attempts and outcome."""
    return Request("GET", f"/task-runs/{segment(run_id)}", TaskRunDetails.parse)


def cancel(run_id: str) -> Request[None]:
    """End a run and all runs it started. Raises ConflictError when it is over already."""
    return Request("DELETE", f"/task-runs/{segment(run_id)}", lambda _: None)


def runs(
    *,
    status: Filter = None,
    task: Filter = None,
    workflow: Filter = None,
    version: Filter = None,
    root_run_id: Filter = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Request[Page[TaskRun]]:
    """Runs, newest first; further pages are asked for as you go on, up to `limit` runs.

    Each filter is one value or several of which any may match: `status` is pending, running, completed, failed or canceled;
    `task` is ``workflow/task`` or a bare name; `workflow` is a slug or an id. `cursor` is a run's id, after which to begin.
    """
    filters = {
        "status": status,
        "taskSlug": task,
        "workflowId": workflow,
        "workflowVersionId": version,
        "rootTaskRunId": root_run_id,
    }
    return pages("/task-runs", "taskRun", TaskRun.parse, filters, limit=limit, cursor=cursor)


def run_page(*, limit: int | None = None, cursor: str | None = None) -> Request[list[tuple[TaskRun, str]]]:
    """One page of runs, for programs that page themselves: each with the cursor that goes on after it."""

    def read(answer: Any) -> list[tuple[TaskRun, str]]:
        return [(TaskRun.parse(one["taskRun"]), one["cursor"]) for one in answer]

    return Request("GET", "/task-runs", read, present({"limit": limit, "cursor": cursor}))
