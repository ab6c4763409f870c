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
class TaskAttempt:
    """One try of a run, in one container; `attempt` counts from 0."""

    attempt: int
    status: TaskRunStatus
    started_at: datetime | None
    completed_at: datetime | None
    enqueued_at: datetime | None
    error: str | None
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
            results=json.get("results") or [],
        )


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One asking for a task. `parent_task_run_id` is None for a root run; `attempts` are those that were started."""

    id: str
    task_id: str
    status: TaskRunStatus
    root_task_run_id: str
    parent_task_run_id: str | None
    parent_task_attempt: int | None
    retries: int
    attempts: tuple[TaskAttempt, ...]
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

    @classmethod
    def parse(cls, json: Json) -> TaskRunDetails:
        """From the API's JSON."""
        return cls(
            **_run_fields(json),
            input=json.get("input", []),
            results=json.get("results") or [],
            error=json.get("error") or None,
        )


@dataclass(frozen=True, slots=True)
class RegisteredTask:
    """A task of a version, as the orchestrator knows it."""

    id: str
    name: str
    workflow_id: str
    workflow_version_id: str
    created_at: datetime | None

    @classmethod
    def parse(cls, json: Json) -> RegisteredTask:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            name=json["name"],
            workflow_id=json.get("workflowId") or "",
            workflow_version_id=json.get("workflowVersionId") or "",
            created_at=_time(json, "createdAt"),
        )


@dataclass(frozen=True, slots=True)
class Workflow:
    """A deployed repo; its tasks are started as ``slug/task``."""

    id: str
    name: str
    slug: str
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def parse(cls, json: Json) -> Workflow:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            name=json["name"],
            slug=json.get("slug") or json["name"],
            created_at=_time(json, "createdAt"),
            updated_at=_time(json, "updatedAt"),
        )


@dataclass(frozen=True, slots=True)
class WorkflowVersion:
    """One immutable image of a workflow; `status` ends as ready, build_failed or registration_failed."""

    id: str
    workflow_id: str
    name: str
    status: str
    created_at: datetime | None

    @classmethod
    def parse(cls, json: Json) -> WorkflowVersion:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            workflow_id=json["workflowId"],
            name=json.get("name") or json["id"],
            status=json["status"],
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
        "status": TaskRunStatus(json["status"]),
        "root_task_run_id": json.get("rootTaskRunId") or json["id"],
        "parent_task_run_id": json.get("parentTaskRunId") or None,
        "parent_task_attempt": json.get("parentTaskAttempt"),
        "retries": json.get("retries") or 0,
        "attempts": tuple(TaskAttempt.parse(attempt) for attempt in attempts),
        "started_at": _time(json, "startedAt"),
        "completed_at": _time(json, "completedAt"),
    }


_FRACTION = re.compile(r"\.(\d+)")


def _time(json: Json, name: str) -> datetime | None:
    """An RFC 3339 time; Python 3.10 reads neither Z nor any number of digits."""
    text = json.get(name)
    if not text:
        return None
    text = _FRACTION.sub(lambda found: f".{found[1][:6]:0<6}", text)
    return datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
