"""Define workflow tasks, and run them from any program.

    from orchestrator_sdk import Workflows

    app = Workflows()

    @app.task
    def add(a: int, b: int) -> int:
        return a + b

    if __name__ == "__main__":
        app.start()

Inside another task, ``await add(1, 2)`` runs it in a container of its own; anywhere else,
``Client().run("my-workflow/add", [1, 2])`` does. Clients need httpx; tasks need nothing but Python.
"""

from __future__ import annotations

from orchestrator_sdk.errors import (
    APIError,
    ArgumentsError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ConnectionError,
    MissingDependencyError,
    NonRetryableError,
    NotDeployedError,
    NotFoundError,
    OrchestratorError,
    OutsideRunError,
    RateLimitError,
    RequestError,
    ServerError,
    TaskCanceledError,
    TaskRefusedError,
    TaskRunError,
    UnknownTaskError,
    WaitTimeoutError,
)
from orchestrator_sdk.retry import Retry
from orchestrator_sdk.task import Task
from orchestrator_sdk.task_context import TaskContext, TaskRunMetadata
from orchestrator_sdk.task_instance import TaskInstance
from orchestrator_sdk.version import __version__ as __version__
from orchestrator_sdk.workflows import Workflows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestrator_sdk.client import AsyncClient, Client
    from orchestrator_sdk.client.models import (
        Deploy,
        Failure,
        InstanceStatus,
        LogLine,
        RegisteredTask,
        TaskAttempt,
        TaskParameter,
        TaskRun,
        TaskRunDetails,
        TaskRunStatus,
        Workflow,
        WorkflowVersion,
    )

__all__ = [
    "APIError",
    "ArgumentsError",
    "AsyncClient",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ConflictError",
    "ConnectionError",
    "Deploy",
    "Failure",
    "InstanceStatus",
    "LogLine",
    "MissingDependencyError",
    "NonRetryableError",
    "NotDeployedError",
    "NotFoundError",
    "OrchestratorError",
    "OutsideRunError",
    "RateLimitError",
    "RegisteredTask",
    "RequestError",
    "Retry",
    "ServerError",
    "Task",
    "TaskAttempt",
    "TaskCanceledError",
    "TaskContext",
    "TaskInstance",
    "TaskParameter",
    "TaskRefusedError",
    "TaskRun",
    "TaskRunDetails",
    "TaskRunError",
    "TaskRunMetadata",
    "TaskRunStatus",
    "UnknownTaskError",
    "WaitTimeoutError",
    "Workflow",
    "WorkflowVersion",
    "Workflows",
]

_MODELS = frozenset(
    {
        "Deploy",
        "Failure",
        "InstanceStatus",
        "LogLine",
        "RegisteredTask",
        "TaskAttempt",
        "TaskParameter",
        "TaskRun",
        "TaskRunDetails",
        "TaskRunStatus",
        "Workflow",
        "WorkflowVersion",
    }
)


def __getattr__(name: str) -> Any:
    """Load the clients when they are first asked for: tasks start faster without them."""
    from importlib import import_module

    if name in _MODELS:
        return getattr(import_module("orchestrator_sdk.client.models"), name)
    if name in ("Client", "AsyncClient"):
        return getattr(import_module("orchestrator_sdk.client"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
