"""versions list and cancel."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from orchestrator.cli.command import command
from orchestrator.cli.instance import Instance
from orchestrator.cli.views import output, times

app = typer.Typer(
    name="versions", help="List the versions of workflows, and stop builds of them.", no_args_is_help=True
)

_COLUMNS: Final = ("VERSION", "NAME", "WORKFLOW", "STATE", "CREATED")
_STYLES: Final = {"ready": "green", "build_failed": "red", "registration_failed": "red"}


@command(app, "list")
def list_versions(
    instance: Instance,
    workflow: Annotated[str | None, typer.Option(metavar="WORKFLOW", help="Only those of this workflow.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
) -> None:
    """List versions, newest first."""
    with instance.connect() as api:
        found = list(api.all("/workflowversions", "workflowVersion", limit=limit, workflowId=api.workflow_id(workflow)))
        slugs = {one["id"]: one.get("slug") or one["name"] for one in api.all("/workflows", "workflow")}
    rows = [
        (
            one["id"],
            one.get("name", ""),
            slugs.get(one["workflowId"], one["workflowId"]),
            f"[{_STYLES.get(one['status'], 'cyan')}]{one['status']}[/]",
            times.ago(one["createdAt"]),
        )
        for one in found
    ]
    output.document(found) if instance.as_json else output.table(_COLUMNS, rows, empty="There are no versions.")


@command(app, "cancel")
def cancel(
    instance: Instance, version: Annotated[str, typer.Argument(metavar="VERSION", help="Its id, as in wfv-…")]
) -> None:
    """Stop the build of a version; the one that serves goes on serving."""
    with instance.connect() as api:
        canceled = api.post(f"/workflowversions/{version}/cancel", {})
    output.document(canceled) if instance.as_json else output.text(f"The build of {version} is being canceled.")
