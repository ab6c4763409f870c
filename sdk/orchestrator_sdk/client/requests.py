"""Every request as a value: what to send, and how to read the answer. No I/O, so both clients share it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from orchestrator_sdk.client.models import (
    LogLine,
    RegisteredTask,
    TaskRun,
    TaskRunDetails,
    Workflow,
    WorkflowVersion,
)

T = TypeVar("T")
Input = Sequence[Any] | Mapping[str, Any]
"""A run's input: a list of positional arguments, or an object of named ones."""
Filter = str | Sequence[str] | None
"""One value, several of which any may match, or None for all."""

PAGE_SIZE: Final = 100
LOG_PAGE_SIZE: Final = 1000


@dataclass(frozen=True)
class Request(Generic[T]):
    """`path` is below ``/v1``; `params` may have lists; `read` takes the decoded answer."""

    method: str
    path: str
    read: Callable[[Any], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """Items in order, and the request for what follows, None at the end."""

    items: list[T]
    following: Request[Page[T]] | None


def start(
    task: str,
    input: Input,
    *,
    idempotency_key: str | None = None,
    queue_timeout_s: int | None = None,
    deadline_s: int | None = None,
) -> Request[TaskRun]:
    """Ask for a run. Raises TypeError or ValueError for an input that is not JSON."""
    if isinstance(input, str | bytes) or not isinstance(input, Sequence | Mapping):
        raise TypeError(f"the input of '{task}' must be a list or a dict of its arguments, and is {input!r}")
    content: dict[str, Any] = {"task": task, "input": dict(input) if isinstance(input, Mapping) else list(input)}
    limits = {
        "idempotencyKey": idempotency_key,
        "queueTimeoutSeconds": queue_timeout_s,
        "deadlineSeconds": deadline_s,
    }
    content.update((name, value) for name, value in limits.items() if value is not None)
    try:
        body = json.dumps(content, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"the input of '{task}' cannot be sent as JSON: {error}") from None
    return Request("POST", "/task-runs", TaskRun.parse, body=body)


def get(run_id: str) -> Request[TaskRunDetails]:
    """A run with its input and outcome."""
    return Request("GET", f"/task-runs/{_segment(run_id)}", TaskRunDetails.parse)


def cancel(run_id: str) -> Request[None]:
    """End a run and all it started."""
    return Request("DELETE", f"/task-runs/{_segment(run_id)}", lambda _: None)


def runs(*, task: Filter, root_run_id: Filter, workflow_id: Filter, version_id: Filter) -> Request[Page[TaskRun]]:
    """Runs, newest first."""
    filters = {
        "taskSlug": task,
        "rootTaskRunId": root_run_id,
        "workflowId": workflow_id,
        "workflowVersionId": version_id,
    }
    return _pages("/task-runs", "taskRun", TaskRun.parse, filters)


def run_page(*, limit: int | None, cursor: str | None) -> Request[list[tuple[TaskRun, str]]]:
    """One page of runs, newest first, each with the cursor after it."""

    def read(answer: Any) -> list[tuple[TaskRun, str]]:
        return [(TaskRun.parse(one["taskRun"]), one["cursor"]) for one in answer]

    params = {name: value for name, value in (("limit", limit), ("cursor", cursor)) if value is not None}
    return Request("GET", "/task-runs", read, params)


def tasks(*, task: Filter, workflow_id: Filter, version_id: Filter) -> Request[Page[RegisteredTask]]:
    """Registered tasks."""
    filters = {"taskSlug": task, "workflowId": workflow_id, "workflowVersionId": version_id}
    return _pages("/tasks", "task", RegisteredTask.parse, filters)


def task(task_id: str) -> Request[RegisteredTask]:
    """One task by its id."""
    return Request("GET", f"/tasks/{_segment(task_id)}", RegisteredTask.parse)


def workflows(*, name: Filter) -> Request[Page[Workflow]]:
    """Deployed workflows."""
    return _pages("/workflows", "workflow", Workflow.parse, {"name": name})


def versions(*, workflow_id: Filter) -> Request[Page[WorkflowVersion]]:
    """Versions of workflows, newest first."""
    return _pages("/workflowversions", "workflowVersion", WorkflowVersion.parse, {"workflowID": workflow_id})


def logs(run_id: str, attempt: int | None, *, page_size: int = LOG_PAGE_SIZE) -> Request[Page[LogLine]]:
    """What the run has printed so far."""

    def read(answer: Any) -> Page[LogLine]:
        lines = [LogLine.parse(line) for line in answer]
        return Page(lines, _following(request, lines[-1].cursor if lines else "", len(lines) == page_size))

    params = {} if attempt is None else {"attempt": attempt}
    request = Request("GET", f"/task-runs/{_segment(run_id)}/logs", read, {**params, "limit": page_size})
    return request


def _pages(path: str, key: str, parse: Callable[[Any], T], filters: Mapping[str, Filter]) -> Request[Page[T]]:
    """A list whose elements are ``{key: …, "cursor": …}``."""

    def read(answer: Any) -> Page[T]:
        cursor = answer[-1].get("cursor") if answer else ""
        return Page([parse(one[key]) for one in answer], _following(request, cursor, len(answer) == PAGE_SIZE))

    params = {name: value for name, value in filters.items() if value is not None}
    request = Request("GET", path, read, {**params, "limit": PAGE_SIZE})
    return request


def _following(request: Request[Page[T]], cursor: str, is_full: bool) -> Request[Page[T]] | None:
    return replace(request, params={**request.params, "cursor": cursor}) if is_full and cursor else None


def _segment(text: str) -> str:
    return quote(text, safe="")
