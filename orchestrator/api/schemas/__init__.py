"""The public shapes of requests and answers. An optional field is absent when there is nothing to say, never null."""

from orchestrator.api.schemas.env_vars import EnvVar, EnvVarGiven, EnvVarValue, EnvVarWithCursor
from orchestrator.api.schemas.instance import Health, Status
from orchestrator.api.schemas.metrics import SeriesLabel, TimeSeries, TimeSeriesValue
from orchestrator.api.schemas.runs import (
    Failure,
    Forensics,
    Submission,
    TaskAttempt,
    TaskAttemptDetails,
    TaskRun,
    TaskRunDetails,
    TaskRunOutcome,
    TaskRunSummary,
    TaskRunWithCursor,
    Timings,
)
from orchestrator.api.schemas.shape import Moment, Problem, Shape
from orchestrator.api.schemas.tasks import Parameter, Retry, Task, TaskWithCursor
from orchestrator.api.schemas.workflows import (
    BuildConfig,
    BuildConfigUpdate,
    Deploy,
    Deployed,
    VersionCreate,
    Workflow,
    WorkflowCreate,
    WorkflowUpdate,
    WorkflowVersion,
    WorkflowVersionWithCursor,
    WorkflowWithCursor,
)

__all__ = [
    "BuildConfig",
    "BuildConfigUpdate",
    "Deploy",
    "Deployed",
    "EnvVar",
    "EnvVarGiven",
    "EnvVarValue",
    "EnvVarWithCursor",
    "Failure",
    "Forensics",
    "Health",
    "Moment",
    "Parameter",
    "Problem",
    "Retry",
    "SeriesLabel",
    "Shape",
    "Status",
    "Submission",
    "Task",
    "TaskAttempt",
    "TaskAttemptDetails",
    "TaskRun",
    "TaskRunDetails",
    "TaskRunOutcome",
    "TaskRunSummary",
    "TaskRunWithCursor",
    "TaskWithCursor",
    "TimeSeries",
    "TimeSeriesValue",
    "Timings",
    "VersionCreate",
    "Workflow",
    "WorkflowCreate",
    "WorkflowUpdate",
    "WorkflowVersion",
    "WorkflowVersionWithCursor",
    "WorkflowWithCursor",
]
