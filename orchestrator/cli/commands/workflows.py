"""workflows list, delete."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from orchestrator.cli.command import command
from orchestrator.cli.input import completion
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output, times

app = typer.Typer(name="workflows", help="List and delete workflows.", no_args_is_help=True)

_COLUMNS: Final = ("WORKFLOW", "ID", "SOURCE", "UPDATED", "")


@command(app, "list")
def list_workflows(instance: Instance) -> None:
    """List workflows, newest first."""
    with instance.connect() as api:
        found = [workflow.raw for workflow in api.workflows()]
    rows = [
        (
            output.plain(one.get("slug") or one["name"]),
            one["id"],
            output.plain((one.get("buildConfig") or {}).get("repo", "")),
            times.ago(one["updatedAt"]),
            _paused(one),
        )
        for one in found
    ]
    empty = "There are no workflows; deploy one: orchestrator deploy PATH"
    output.document(found) if instance.as_json else output.table(_COLUMNS, rows, empty=empty)


def _paused(one: dict[str, Any]) -> str:
    return f"paused {times.ago(one['pausedAt'])}" if one.get("pausedAt") else ""


@command(app)
def delete(
    instance: Instance,
    workflow: Annotated[
        str, typer.Argument(autocompletion=completion.workflows, help="Its name or id.", show_default=False)
    ],
) -> None:
    """Delete a workflow with its versions; its runs stay readable."""
    with instance.connect() as api:
        api.delete_workflow(workflow)
    output.document({"deleted": workflow}) if instance.as_json else output.text(f"{workflow} is deleted.")
