"""The public shapes of requests and answers. An optional field is absent when there is nothing to say, never null."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from orchestrator.core.workflow import Region, Runtime, Trigger
from orchestrator_runtime.wire import ParameterKind

RunStatus = Literal["pending", "running", "completed", "failed", "canceled"]
VersionStatus = Literal["created", "building", "registering", "build_failed", "registration_failed", "ready"]
Stream = Literal["stdout", "stderr", "system"]

_NULL: Final = {"type": "null"}


def _without_nulls(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        if _NULL in field.get("anyOf", ()):
            others = [choice for choice in field.pop("anyOf") if choice != _NULL]
            field.update(others[0] if len(others) == 1 else {"anyOf": others})
            field.pop("default", None)


def _wire_name(name: str) -> str:
    return to_camel(name.removesuffix("_"))


class Shape(BaseModel):
    """A JSON object with camelCase names."""

    model_config = ConfigDict(
        alias_generator=_wire_name, populate_by_name=True, frozen=True, json_schema_extra=_without_nulls
    )


Moment = Annotated[datetime, AfterValidator(lambda at: at if at.tzinfo else at.replace(tzinfo=UTC))]
"""A time; in UTC where it does not say."""


class Problem(Shape):
    """Why a request was not done; `id` finds it in the log, `code` is for programs."""

    id: str
    message: str
    code: str


# --- runs ---


class Submission(Shape):
    """`task` is ``workflow/task``, ``workflow/task:version`` or a task's id; `input` its arguments, positional or named.

    `queue_timeout_seconds` limits each wait for capacity, `deadline_seconds` everything: waits, attempts and retries.
    """

    task: str
    input: list[JsonValue] | dict[str, JsonValue]
    idempotency_key: str | None = Field(None, min_length=1, max_length=256)
    queue_timeout_seconds: int | None = Field(None, gt=0)
    deadline_seconds: int | None = Field(None, gt=0)


class Failure(Shape):
    """Why an attempt did not succeed; `type` and `traceback` are the user's exception's."""

    class_: Literal["error", "exit", "timeout", "oom", "canceled", "infra"]
    message: str
    type: str | None = None
    traceback: str | None = None


class TaskAttempt(Shape):
    """One try of a run, counted from 0. `enqueued_at` is when the wait for it began."""

    attempt: int
    status: RunStatus
    task_run_id: str
    enqueued_at: datetime
    started_at: datetime
    completed_at: datetime | None = None


class Timings(Shape):
    """When the attempt's container came to what; `load_ms` is what loading the user's code took by its own clock."""

    claimed_at: datetime
    created_at: datetime | None = None
    container_started_at: datetime | None = None
    ready_at: datetime | None = None
    load_ms: int | None = None


class Forensics(Shape):
    """What the attempt's container used, as the kernel counted it; `peak_memory_bytes` is without page cache.

    `oom_kills` counts processes killed for memory, children included; `advice` is for people.
    """

    image: str | None = None
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

    `deadline_at` is the whole run's, when it was given one.
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
    parent_task_run_id: str
    parent_task_attempt: int | None = None
    root_task_run_id: str
    retries: int


class TaskRun(TaskRunSummary):
    """A run; `attempts` are those that were started."""

    attempts: list[TaskAttempt]


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


# --- tasks ---


class Retry(Shape):
    """Wait before retry n, counted from 0: `wait_duration_ms` times `backoff_scaling` to the power of n."""

    max_retries: int
    wait_duration_ms: int
    backoff_scaling: float


class Parameter(Shape):
    """One parameter of a task; `default` is JSON text, `schema` a JSON Schema of its values, `kind` Python's word for it."""

    name: str
    has_default: bool
    type: str | None = None
    default: str | None = None
    kind: ParameterKind | None = None
    json_schema: dict[str, Any] | None = Field(default=None, alias="schema")


class Task(Shape):
    """A function that a workflow registered."""

    id: str
    name: str
    slug: str
    created_at: datetime
    workflow_id: str
    workflow_version_id: str
    plan: str
    timeout_seconds: int
    retry: Retry
    parameters: list[Parameter]
    signature: str | None = None


class TaskWithCursor(Shape):
    """An element of a list."""

    task: Task
    cursor: str


# --- workflows ---


class BuildConfig(Shape):
    """Where a workflow's code comes from: `repo` is a Git URL; of an uploaded one, only what people are told."""

    build_command: str = ""
    repo: str
    runtime: Runtime
    branch: str | None = None
    root_dir: str | None = None


class Workflow(Shape):
    """A user's repo; its tasks are started as ``slug/task``. `workflow_version_id` is the version that serves, if one does."""

    id: str
    name: str
    slug: str
    owner_id: str
    created_at: datetime
    updated_at: datetime
    build_config: BuildConfig
    run_command: str
    region: Region
    auto_deploy_trigger: Trigger
    environment_id: str | None = None
    workflow_version_id: str | None = None


class WorkflowWithCursor(Shape):
    """An element of a list."""

    workflow: Workflow
    cursor: str


class WorkflowVersion(Shape):
    """One immutable image of a workflow; `error` says why it failed, `commit` of which commit it is, if that was asked for."""

    id: str
    workflow_id: str
    name: str
    number: int
    created_at: datetime
    status: VersionStatus
    tasks: list[str]
    commit: str | None = None
    error: str | None = None


class WorkflowVersionWithCursor(Shape):
    """An element of a list."""

    workflow_version: WorkflowVersion
    cursor: str


class Deploy(Shape):
    """A new version of the workflow `name`, from `repo` (a Git URL), or from `archive`, a tar.gz in base64.

    `source` is what people are told an archive came from; `env` are the variables its tasks see.
    """

    name: str
    archive: str | None = None
    repo: str | None = None
    branch: str | None = None
    commit: str | None = None
    build_command: str = ""
    start_command: str = ""
    root_dir: str | None = None
    source: str = ""
    env: dict[str, str] = Field(default_factory=dict)


class Variable(Shape):
    """A variable its tasks see: a value, or one made up here."""

    key: str
    value: str | None = None
    generate_value: bool = False


class WorkflowCreate(Shape):
    """A new workflow. Where it runs and whose it is means nothing here, and is shown as it was given."""

    name: str
    owner_id: str
    build_config: BuildConfig
    run_command: str
    region: Region = "oregon"
    auto_deploy_trigger: Trigger = "off"
    environment_id: str | None = None
    env_vars: list[Variable] = Field(default_factory=list)


class BuildConfigUpdate(Shape):
    """What is to be changed."""

    build_command: str | None = None
    repo: str | None = None
    runtime: Runtime | None = None
    branch: str | None = None
    root_dir: str | None = None


class WorkflowUpdate(Shape):
    """What is to be changed; the next version is made of it."""

    name: str | None = None
    build_config: BuildConfigUpdate | None = None
    run_command: str | None = None
    auto_deploy_trigger: Trigger | None = None


class VersionCreate(Shape):
    """A version to build of a workflow's repo, at a commit or at the end of its branch."""

    workflow_id: str
    commit: str | None = None


class Deployed(Shape):
    """What a deploy made; the version is built next."""

    workflow: Workflow
    workflow_version: WorkflowVersion


# --- metrics ---


class SeriesLabel(Shape):
    """What a series is about: ``resource``, ``state``."""

    field: str
    value: str


class TimeSeriesValue(Shape):
    """What was counted from this time until the next value's."""

    timestamp: datetime
    value: int


class TimeSeries(Shape):
    """Values at equal distances."""

    labels: list[SeriesLabel]
    values: list[TimeSeriesValue]
    unit: str


# --- the instance ---


class Status(Shape):
    """How much there is to do: runs waiting for capacity, and runs with an attempt in progress."""

    status: Literal["ok"]
    version: str
    queued: int
    active: int
    info: dict[str, str]


class Health(Shape):
    """The store answers."""

    status: Literal["ok"]
