"""The public shapes of runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, JsonValue

from orchestrator.api.schemas.shape import Shape

FailureClass = Literal["error", "exit", "timeout", "oom", "canceled", "violation", "infra"]
RunStatus = Literal["pending", "running", "completed", "failed", "canceled"]


Metadata = dict[str, JsonValue]
Tags = list[str]


class Submission(Shape):
    """`task` is ``workflow/task``, ``workflow/task:version`` or a task's id; `input` its arguments, positional or named.

    `tags`, at most 10 of 64 characters, and `metadata`, at most 32 keys and 4 KiB, are kept with the run; its task may add to them.

    `queue_timeout_seconds` limits each wait for capacity, `deadline_seconds` everything: waits, attempts and retries.
    """

    task: str
    input: list[JsonValue] | dict[str, JsonValue]
    idempotency_key: str | None = Field(None, min_length=1, max_length=256)
    queue_timeout_seconds: int | None = Field(None, gt=0)
    deadline_seconds: int | None = Field(None, gt=0)
    tags: Tags = Field(default_factory=list)
    metadata: Metadata = Field(default_factory=dict)


class Rerun(Shape):
    """What is to be other than in the run that is done again: its `input`, or its `version`, which is ``same`` unless given."""

    input: list[JsonValue] | dict[str, JsonValue] | None = None
    version: Literal["same", "current"] | None = None
    idempotency_key: str | None = Field(None, min_length=1, max_length=256)


class Failure(Shape):
    """Why an attempt did not succeed; `type` and `traceback` are the user's exception's.

    Where the task did not handle the failure of a run it had asked for, `child_task_run_id`, `child_task` and `child_type` (of its
    exception, or the class of its failure) say which.
    """

    class_: FailureClass
    message: str
    type: str | None = None
    traceback: str | None = None
    child_task_run_id: str | None = None
    child_task: str | None = None
    child_type: str | None = None


class FailureInShort(Shape):
    """Why a run failed: the exception's type, and its message's first line, at most 200 characters.

    `child_task_run_id`, `child_task` and `child_type` as in the whole failure.
    """

    class_: FailureClass
    message: str
    type: str | None = None
    child_task_run_id: str | None = None
    child_task: str | None = None
    child_type: str | None = None


class Progress(Shape):
    """How far the run's attempt says it is; `fraction` is from 0 to 1."""

    fraction: float | None = None
    message: str
    at: datetime


class TaskAttempt(Shape):
    """One try of a run, counted from 0. `enqueued_at` is when the wait for it began."""

    attempt: int
    status: RunStatus
    task_run_id: str
    enqueued_at: datetime
    started_at: datetime
    completed_at: datetime | None = None


class Timings(Shape):
    """When the attempt came to what; `load_ms` is what loading the user's code took by its own clock.

    `first_line_at` is when the task's code was given its assignment, `finished_at` when its outcome was known; `acknowledged_at`
    and `removed_at` follow after that. A container that was started ahead was created and started before the attempt was claimed.
    """

    queued_at: datetime | None = None
    claimed_at: datetime
    created_at: datetime | None = None
    container_started_at: datetime | None = None
    ready_at: datetime | None = None
    assigned_at: datetime | None = None
    first_line_at: datetime | None = None
    finished_at: datetime | None = None
    acknowledged_at: datetime | None = None
    removed_at: datetime | None = None
    load_ms: int | None = None


class Forensics(Shape):
    """What the attempt's container used, as the kernel counted it; `peak_memory_bytes` is without page cache.

    `oom_kills` counts processes killed for memory, children included; `advice` is for people. `started_ahead`: the container waited
    for its run.
    """

    image: str | None = None
    started_ahead: bool = False
    signal: str | None = None
    memory_limit_bytes: int | None = None
    peak_memory_bytes: int | None = None
    cpu_ms: int | None = None
    throttled_ms: int | None = None
    oom_kills: int | None = None
    timings: Timings
    advice: list[str]


class TaskAttemptDetails(TaskAttempt):
    """An attempt with how it ended."""

    error: str | None = None
    failure: Failure | None = None
    exit_code: int | None = None
    forensics: Forensics


class TaskRunSummary(Shape):
    """One asking for a task. `parent_task_run_id` is empty for a root run; `retry_at` is set between attempts.

    `deadline_at` is the whole run's, when it was given one; `waits_for` says in words what a pending one waits for. `rerun_of` is
    the run that this one does again.
    """

    id: str
    task_id: str
    task: str
    task_slug: str | None = None
    workflow_id: str
    workflow_version_id: str
    plan: str
    status: RunStatus
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    retry_at: datetime | None = None
    deadline_at: datetime | None = None
    waits_for: str | None = None
    parent_task_run_id: str
    parent_task_attempt: int | None = None
    root_task_run_id: str
    rerun_of: str | None = None
    tags: Tags
    metadata: Metadata
    progress: Progress | None = None
    retries: int


class TaskRun(TaskRunSummary):
    """A run; `attempts` are those that were started, `failure` is there when it failed, or is to be tried again."""

    attempts: list[TaskAttempt]
    failure: FailureInShort | None = None


class TaskRunOutcome(TaskRunSummary):
    """A run with how it ended: `error` is there only when it failed, `failure` also when it was canceled.

    `result_is_list`, only when completed, tells a returned list from another value that `results` wraps in one.
    """

    attempts: list[TaskAttemptDetails]
    result_is_list: bool | None = None
    error: str | None = None
    failure: Failure | None = None


class TaskRunDetails(TaskRunOutcome):
    """A run with its input and outcome.

    `results` is the list the task returned, or a list of the one other value; empty unless completed. `error` is there
    only when it failed, `failure` also when it was canceled.
    """

    input: list[Any] | dict[str, Any]
    results: list[Any]


class TaskRunWithCursor(Shape):
    """An element of a list."""

    task_run: TaskRun
    cursor: str


class MinuteOfRuns(Shape):
    """The runs made in the minute that begins at `at`, by what has become of them since."""

    at: datetime
    pending: int
    running: int
    completed: int
    failed: int
    canceled: int


class RunCounts(Shape):
    """How many runs there are by status; and of the last six hours, by the minute they were made in, where any were.

    `is_complete` is false where there were more than one request counts: the newest were.
    """

    pending: int
    running: int
    completed: int
    failed: int
    canceled: int
    per_minute: list[MinuteOfRuns]
    is_complete: bool
