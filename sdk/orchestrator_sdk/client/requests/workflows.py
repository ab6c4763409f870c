from __future__ import annotations

from orchestrator_sdk.client.models import Workflow
from orchestrator_sdk.client.requests.request import Filter, Page, Request, pages, segment


def workflows(*, name: Filter = None, limit: int | None = None) -> Request[Page[Workflow]]:
    """Deployed workflows, newest first."""
    return pages("/workflows", "workflow", Workflow.parse, {"name": name}, limit=limit)


def workflow(workflow: str) -> Request[Workflow]:
    """One workflow, by its slug or id."""
    return Request("GET", f"/workflows/{segment(workflow)}", Workflow.parse)


def delete_workflow(workflow: str) -> Request[None]:
    """Delete a workflow with its versions and tasks, and cancel its runs; these can still be looked at."""
    return Request("DELETE", f"/workflows/{segment(workflow)}", lambda _: None)
