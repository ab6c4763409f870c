from __future__ import annotations

from orchestrator_sdk.client.models import WorkflowVersion
from orchestrator_sdk.client.requests.request import Filter, Page, Request, pages, segment


def versions(*, workflow: Filter = None, limit: int | None = None) -> Request[Page[WorkflowVersion]]:
    """Versions of workflows, newest first; `workflow` is a slug or an id."""
    return pages("/workflowversions", "workflowVersion", WorkflowVersion.parse, {"workflowId": workflow}, limit=limit)


def version(version_id: str) -> Request[WorkflowVersion]:
    """One version; its status tells how far its build is."""
    return Request("GET", f"/workflowversions/{segment(version_id)}", WorkflowVersion.parse)


def cancel_build(version_id: str) -> Request[WorkflowVersion]:
    """Stop the build of a version; the one that serves goes on serving."""
    return Request("POST", f"/workflowversions/{segment(version_id)}/cancel", WorkflowVersion.parse)
