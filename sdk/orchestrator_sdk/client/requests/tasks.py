from __future__ import annotations

from orchestrator_sdk.client.models import RegisteredTask
from orchestrator_sdk.client.requests.request import Filter, Page, Request, pages, segment


def tasks(
    *, task: Filter = None, workflow: Filter = None, version: Filter = None, limit: int | None = None
) -> Request[Page[RegisteredTask]]:
    """Registered tasks, of the versions that serve unless `version` names another; `workflow` is a slug or an id."""
    filters = {"taskSlug": task, "workflowId": workflow, "workflowVersionId": version}
    return pages("/tasks", "task", RegisteredTask.parse, filters, limit=limit)


def task(task_id: str) -> Request[RegisteredTask]:
    """One task, by its id or as ``workflow/task``."""
    return Request("GET", f"/tasks/{segment(task_id)}", RegisteredTask.parse)
