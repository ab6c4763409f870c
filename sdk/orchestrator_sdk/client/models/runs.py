"""Runs and their attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from orchestrator_sdk.client.models.reading import Json, time


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

    `kind` is error, exit, timeout, oom, canceled, violation or infra; `type` and `traceback` are those of the task's exception,
    empty without one. `child_task_run_id`, `child_task` and `child_type` are those of the chained run whose failure the task did
    not handle, empty when it failed by itself.
    """

    kind: str
    message: str
    type: str
    traceback: str
    child_task_run_id: str = ""
    child_task: str = ""
    child_type: str = ""

    @classmethod
    def parse(cls, json: Json) -> Failure:
        """From the API's JSON."""
        return cls(
            kind=json.get("class") or "error",
            message=json.get("message") or "",
            type=json.get("type") or "",
            traceback=json.get("traceback") or "",
            child_task_run_id=json.get("childTaskRunId") or "",
            child_task=json.get("childTask") or "",
            child_type=json.get("childType") or "",
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
            started_at=time(json, "startedAt"),
            completed_at=time(json, "completedAt"),
            enqueued_at=time(json, "enqueuedAt"),
            error=json.get("error") or None,
            failure=_failure(json),
            exit_code=json.get("exitCode"),
            results=json.get("results") or [],
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run's attempt says it is; `fraction` is from 0 to 1, None where it only said something."""

    fraction: float | None
    message: str
    at: datetime | None

    @classmethod
    def parse(cls, json: Json) -> Progress:
        """From the API's JSON."""
        return cls(json.get("fraction"), json.get("message") or "", time(json, "at"))


@dataclass(frozen=True, slots=True)
class RunCounts:
    """How many runs there are by status, and by the minute in which they were made; `is_complete` unless there were too many."""

    by_status: dict[str, int]
    per_minute: list[tuple[datetime, dict[str, int]]]
    is_complete: bool

    @classmethod
    def parse(cls, json: Json) -> RunCounts:
        """From the API's JSON."""
        minutes = [(time(one, "at"), _by_status(one)) for one in json.get("perMinute") or ()]
        per_minute = [(at, counted) for at, counted in minutes if at is not None]
        return cls(_by_status(json), per_minute, bool(json.get("isComplete", True)))


def _by_status(json: Json) -> dict[str, int]:
    return {name: value for name, value in json.items() if isinstance(value, int) and not isinstance(value, bool)}


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One asking for a task. `parent_task_run_id` is None for a root run; `attempts` are those that were started.

    `retry_at` is set between two attempts, `deadline_at` when the run was given one. `rerun_of` is the run that this one does
    again.
    """

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
    retry_at: datetime | None
    deadline_at: datetime | None
    rerun_of: str | None
    tags: tuple[str, ...]
    metadata: dict[str, Any]
    progress: Progress | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def parse(cls, json: Json) -> TaskRun:
        """From the API's JSON."""
        return cls(**_run_fields(json))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRunDetails(TaskRun):
    """A run with its input and outcome.

    `results` is the list the task returned, or a list of the one other value; empty unless completed.
    """

    input: list[Any] | dict[str, Any]
    results: list[Any]
    result_is_list: bool
    error: str | None
    failure: Failure | None

    @property
    def result(self) -> Any:
        """What the task returned, as JSON's types; None unless it completed."""
        if self.result_is_list or len(self.results) > 1:
            return self.results
        return self.results[0] if self.results else None

    @classmethod
    def parse(cls, json: Json) -> TaskRunDetails:
        """From the API's JSON."""
        return cls(
            **_run_fields(json),
            input=json.get("input", []),
            results=json.get("results") or [],
            result_is_list=bool(json.get("resultIsList")),
            error=json.get("error") or None,
            failure=_failure(json),
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
        "created_at": time(json, "createdAt"),
        "started_at": time(json, "startedAt"),
        "completed_at": time(json, "completedAt"),
        "retry_at": time(json, "retryAt"),
        "deadline_at": time(json, "deadlineAt"),
        "rerun_of": json.get("rerunOf") or None,
        "tags": tuple(json.get("tags") or ()),
        "metadata": json.get("metadata") or {},
        "progress": Progress.parse(json["progress"]) if json.get("progress") else None,
        "raw": json,
    }


def _failure(json: Json) -> Failure | None:
    return Failure.parse(json["failure"]) if json.get("failure") else None
