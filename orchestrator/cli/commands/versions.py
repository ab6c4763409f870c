"""versions list and cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from orchestrator.cli.command import command
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output, times

if TYPE_CHECKING:
    from orchestrator_sdk.client.models import WorkflowVersion

app = typer.Typer(
    name="versions", help="List the versions of workflows, and stop builds of them.", no_args_is_help=True
)

_COLUMNS: Final = ("VERSION", "NAME", "WORKFLOW", "STATE", "CREATED", "VARIABLES")
_STYLES: Final = {"ready": "green", "build_failed": "red", "registration_failed": "red"}


@command(app, "list")
def list_versions(
    instance: Instance,
    workflow: Annotated[str | None, typer.Option(metavar="WORKFLOW", help="Only those of this workflow.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
) -> None:
    """List versions, newest first."""
    with instance.connect() as api:
        found = list(api.versions(workflow=api.workflow(workflow).id if workflow else None, limit=limit))
        slugs = {one.id: one.slug for one in api.workflows()}
    rows = [
        (
            one.id,
            one.name,
            slugs.get(one.workflow_id, one.workflow_id),
            f"[{_STYLES.get(one.status, 'cyan')}]{one.status}[/]",
            times.ago(one.raw["createdAt"]),
            _variables(one),
        )
        for one in found
    ]
    documents = [one.raw for one in found]
    output.document(documents) if instance.as_json else output.table(_COLUMNS, rows, empty="There are no versions.")


def _variables(version: WorkflowVersion) -> str:
    """The names of those its runs see, and of which set."""
    return f"{', '.join(version.variable_names)} (set {version.variable_revision})" if version.variable_names else ""


@command(app, "cancel")
def cancel(
    instance: Instance, version: Annotated[str, typer.Argument(metavar="VERSION", help="Its id, as in wfv-…")]
) -> None:
    """Stop the build of a version; the one that serves goes on serving."""
    with instance.connect() as api:
        canceled = api.cancel_build(version)
    output.document(canceled.raw) if instance.as_json else output.text(f"The build of {version} is being canceled.")
