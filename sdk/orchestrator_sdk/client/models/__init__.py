"""What the API answers, as values; `raw` has the JSON they were made of, with what this version does not know."""

from __future__ import annotations

from orchestrator_sdk.client.models.instance import InstanceStatus
from orchestrator_sdk.client.models.logs import LogLine
from orchestrator_sdk.client.models.operations import Operation
from orchestrator_sdk.client.models.reading import Json
from orchestrator_sdk.client.models.runs import (
    Failure,
    Progress,
    RunCounts,
    TaskAttempt,
    TaskRun,
    TaskRunDetails,
    TaskRunStatus,
)
from orchestrator_sdk.client.models.tasks import RegisteredTask, TaskParameter
from orchestrator_sdk.client.models.variables import Variable
from orchestrator_sdk.client.models.workflows import Deploy, Workflow, WorkflowVersion

__all__ = [
    "Deploy",
    "Failure",
    "InstanceStatus",
    "Json",
    "LogLine",
    "Operation",
    "Progress",
    "RegisteredTask",
    "RunCounts",
    "TaskAttempt",
    "TaskParameter",
    "TaskRun",
    "TaskRunDetails",
    "TaskRunStatus",
    "Variable",
    "Workflow",
    "WorkflowVersion",
]
