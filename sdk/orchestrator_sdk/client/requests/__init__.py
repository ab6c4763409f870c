"""Every request as a value: what to send, and how to read the answer. No I/O, so both clients share it.

The docstrings are those of the clients' methods.
"""

from __future__ import annotations

from orchestrator_sdk.client.requests.deploys import deploy, upload
from orchestrator_sdk.client.requests.instance import status
from orchestrator_sdk.client.requests.logs import logs, tree_logs, version_logs
from orchestrator_sdk.client.requests.operations import cancel_all, operation, operations, rerun_all, stop_operation
from orchestrator_sdk.client.requests.pauses import pause, resume
from orchestrator_sdk.client.requests.request import Filter, Input, Page, Request
from orchestrator_sdk.client.requests.runs import cancel, counts, get, rerun, run_page, runs, start
from orchestrator_sdk.client.requests.tasks import task, tasks
from orchestrator_sdk.client.requests.variables import set_variables, unset_variable, variables
from orchestrator_sdk.client.requests.versions import cancel_build, version, versions
from orchestrator_sdk.client.requests.workflows import delete_workflow, workflow, workflows

__all__ = [
    "Filter",
    "Input",
    "Page",
    "Request",
    "cancel",
    "cancel_all",
    "cancel_build",
    "counts",
    "delete_workflow",
    "deploy",
    "get",
    "logs",
    "operation",
    "operations",
    "pause",
    "rerun",
    "rerun_all",
    "resume",
    "run_page",
    "runs",
    "set_variables",
    "start",
    "status",
    "stop_operation",
    "task",
    "tasks",
    "tree_logs",
    "unset_variable",
    "upload",
    "variables",
    "version",
    "version_logs",
    "versions",
    "workflow",
    "workflows",
]
