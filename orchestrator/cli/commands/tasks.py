"""tasks list."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from orchestrator.cli.command import command
from orchestrator.cli.instance import Instance
from orchestrator.cli.views import output

app = typer.Typer(name="tasks", help="List the tasks that can be run.", no_args_is_help=True)

COLUMNS: Final = ("TASK", "PLAN", "TIMEOUT", "RETRIES")


@command(app, "list")
def list_tasks(
    instance: Instance,
    workflow: Annotated[str | None, typer.Option(metavar="WORKFLOW", help="Only those of this workflow.")] = None,
) -> None:
    """List the tasks of all workflows, as their current versions registered them."""
    with instance.connect() as api:
        found = list(api.all("/tasks", "task", workflowId=api.workflow_id(workflow)))
        slugs = {one["id"]: one.get("slug") or one["name"] for one in api.all("/workflows", "workflow")}
    rows = sorted(row(task, slugs.get(task.get("workflowId", ""), "")) for task in found)
    output.document(found) if instance.as_json else output.table(COLUMNS, rows, empty="No task is registered yet.")


def row(task: dict[str, Any], workflow_slug: str) -> tuple[str, ...]:
    """The cells of one task."""
    slug = task.get("slug") or f"{workflow_slug}/{task['name']}"
    retry, timeout = task.get("retry") or {}, task.get("timeoutSeconds")
    return (slug, str(task.get("plan") or ""), f"{timeout} s" if timeout else "", str(retry.get("maxRetries", "")))
