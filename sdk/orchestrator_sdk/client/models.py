"""What the API answers, as values. Fields a newer server adds are ignored, and optional ones may be missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

Json = Mapping[str, Any]
"""A decoded JSON object."""


class TaskRunStatus(str, Enum):  # noqa: UP042 - Python 3.10 has no StrEnum
    """Where a run is in its life; equal to its word. Words this version does not know are kept as they are."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    PAUSED = "paused"

    @classmethod
    def _missing_(cls, value: object) -> TaskRunStatus:
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown

    @property
    def is_terminal(self) -> bool:
        """Whether the run will never change again."""
        return self in ("completed", "succeeded", "failed", "canceled")

    @property
    def is_success(self) -> bool:
        """Whether the run ended with a result."""
        return self in ("completed", "succeeded")

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt did not succeed.

    `kind` is error, exit, timeout, oom, canceled or infra; `type` and `traceback` are those of the task's exception,
    empty without one.
    """

    kind: str
    message: str
    type: str
    traceback: str

    @classmethod
    def parse(cls, json: Json) -> Failure:
        """From the API's JSON."""
        return cls(
            kind=json.get("class") or "error",
            message=json.get("message") or "",
            type=json.get("type") or "",
            traceback=json.get("traceback") or "",
        )


@dataclass(frozen=True, slots=True)
class TaskAttempt:
    """One try of a run, in one container; `attempt` counts from 0."""

    attempt: int
    status: TaskRunStatus
    started_at: datetime | None
    completed_at: datetime | None
    enqueued_at: datetime | None
    error: str | None
    failure: Failure | None
    exit_code: int | None
    results: list[Any]

    @classmethod
    def parse(cls, json: Json) -> TaskAttempt:
        """From the API's JSON."""
        return cls(
            attempt=json.get("attempt", 0),
            status=TaskRunStatus(json["status"]),
            started_at=_time(json, "startedAt"),
            completed_at=_time(json, "completedAt"),
            enqueued_at=_time(json, "enqueuedAt"),
            error=json.get("error") or None,
            failure=_failure(json),
            exit_code=json.get("exitCode"),
            results=json.get("results") or [],
        )


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One asking for a task. `parent_task_run_id` is None for a root run; `attempts` are those that were started."""

    id: str
    task_id: str
    task: str
    plan: str
    workflow_id: str
    workflow_version_id: str
    status: TaskRunStatus
    root_task_run_id: str
    parent_task_run_id: str | None
    parent_task_attempt: int | None
    retries: int
    attempts: tuple[TaskAttempt, ...]
    created_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None

    @classmethod
    def parse(cls, json: Json) -> TaskRun:
        """From the API's JSON."""
        return cls(**_run_fields(json))


@dataclass(frozen=True, slots=True)
class TaskRunDetails(TaskRun):
    """A run with its input and outcome.

    `results` is the list the task returned, or a list of the one other value; empty unless completed.
    """

    input: list[Any] | dict[str, Any]
    results: list[Any]
    error: str | None
    failure: Failure | None

    @classmethod
    def parse(cls, json: Json) -> TaskRunDetails:
        """From the API's JSON."""
        return cls(
            **_run_fields(json),
            input=json.get("input", []),
            results=json.get("results") or [],
            error=json.get("error") or None,
            failure=_failure(json),
        )


@dataclass(frozen=True, slots=True)
class RegisteredTask:
    """A task of a version, as the orchestrator knows it."""

    id: str
    name: str
    workflow_id: str
    workflow_version_id: str
    slug: str
    plan: str
    timeout_seconds: int | None
    created_at: datetime | None

    @classmethod
    def parse(cls, json: Json) -> RegisteredTask:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            name=json["name"],
            workflow_id=json.get("workflowId") or "",
            workflow_version_id=json.get("workflowVersionId") or "",
            slug=json.get("slug") or "",
            plan=json.get("plan") or "",
            timeout_seconds=json.get("timeoutSeconds"),
            created_at=_time(json, "createdAt"),
        )


@dataclass(frozen=True, slots=True)
class Workflow:
    """A deployed repo; its tasks are started as ``slug/task``. `workflow_version_id` is the version that serves, if one does."""

    id: str
    name: str
    slug: str
    workflow_version_id: str | None
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def parse(cls, json: Json) -> Workflow:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            name=json["name"],
            slug=json.get("slug") or json["name"],
            workflow_version_id=json.get("workflowVersionId") or None,
            created_at=_time(json, "createdAt"),
            updated_at=_time(json, "updatedAt"),
        )


@dataclass(frozen=True, slots=True)
class WorkflowVersion:
    """One immutable image of a workflow; `status` ends as ready, build_failed or registration_failed, and `error` says why."""

    id: str
    workflow_id: str
    name: str
    status: str
    error: str | None
    created_at: datetime | None

    @classmethod
    def parse(cls, json: Json) -> WorkflowVersion:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            workflow_id=json["workflowId"],
            name=json.get("name") or json["id"],
            status=json["status"],
            error=json.get("error") or None,
            created_at=_time(json, "createdAt"),
        )


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that an attempt printed; `stream` is stdout, stderr or system."""

    timestamp: datetime | None
    attempt: int
    stream: str
    message: str
    cursor: str

    @classmethod
    def parse(cls, json: Json) -> LogLine:
        """From the API's JSON."""
        return cls(
            timestamp=_time(json, "timestamp"),
            attempt=json.get("attempt", 0),
            stream=json.get("stream", "stdout"),
            message=json["message"],
            cursor=json.get("cursor") or "",
        )


def _run_fields(json: Json) -> dict[str, Any]:
    attempts: Sequence[Json] = json.get("attempts") or ()
    return {
        "id": json["id"],
        "task_id": json.get("taskId") or "",
        "task": json.get("task") or "",
        "plan": json.get("plan") or "",
        "workflow_id": json.get("workflowId") or "",
        "workflow_version_id": json.get("workflowVersionId") or "",
        "status": TaskRunStatus(json["status"]),
        "root_task_run_id": json.get("rootTaskRunId") or json["id"],
        "parent_task_run_id": json.get("parentTaskRunId") or None,
        "parent_task_attempt": json.get("parentTaskAttempt"),
        "retries": json.get("retries") or 0,
        "attempts": tuple(TaskAttempt.parse(attempt) for attempt in attempts),
        "created_at": _time(json, "createdAt"),
        "started_at": _time(json, "startedAt"),
        "completed_at": _time(json, "completedAt"),
    }


def _failure(json: Json) -> Failure | None:
    return Failure.parse(json["failure"]) if json.get("failure") else None


_FRACTION = re.compile(r"\.(\d+)")


def _time(json: Json, name: str) -> datetime | None:
    """An RFC 3339 time; Python 3.10 reads neither Z nor any number of digits."""
    text = json.get(name)
    if not text:
        return None
    text = _FRACTION.sub(lambda found: f".{found[1][:6]:0<6}", text)
    return datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
