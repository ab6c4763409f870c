"""versions list, show, logs, rollback, cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from orchestrator.cli.command import command
from orchestrator.cli.input import completion, version_ids
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output, times

if TYPE_CHECKING:
    from orchestrator_sdk.client.models import Workflow, WorkflowVersion

app = typer.Typer(
    name="versions",
    help="Look at the versions of workflows, go back to an earlier one, and stop builds.",
    no_args_is_help=True,
)

_COLUMNS: Final = ("VERSION", "NAME", "WORKFLOW", "STATE", "CREATED", "VARIABLES")
_Version = Annotated[
    str,
    typer.Argument(
        metavar="VERSION",
        autocompletion=completion.versions,
        help="Its id, as in wfv-…, or its name, as in shop/v3.",
        show_default=False,
    ),
]
_STYLES: Final = {"ready": "green", "build_failed": "red", "registration_failed": "red"}


@command(app, "list")
def list_versions(
    instance: Instance,
    workflow: Annotated[
        str | None,
        typer.Option(metavar="WORKFLOW", autocompletion=completion.workflows, help="Only those of this workflow."),
    ] = None,
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


@command(app)
def show(instance: Instance, version: _Version) -> None:
    """Show a version: what it was made of, its tasks, and why it failed if it did."""
    with instance.connect() as api:
        found = version_ids.find(api, version)
        workflow = api.workflow(found.workflow_id)
    if instance.as_json:
        output.document(found.raw)
        return
    for name, value in _facts(found, workflow):
        output.out().print(f"[dim]{name:<9}[/]", end="")
        output.text(value)


def _facts(version: WorkflowVersion, workflow: Workflow) -> list[tuple[str, str]]:
    serves = " (serves)" if workflow.workflow_version_id == version.id else ""
    facts = [
        ("version", f"{workflow.slug}/{version.name}  {version.id}"),
        ("state", version.status + serves),
        ("created", version.raw["createdAt"]),
        ("commit", version.raw.get("commit", "")),
        ("image", version.raw.get("image", "")),
        ("tasks", ", ".join(version.raw.get("tasks") or ())),
        ("variables", _variables(version)),
        ("error", version.error or ""),
    ]
    return [(name, value) for name, value in facts if value]


@command(app)
def logs(
    instance: Instance,
    version: _Version,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it is ready or has failed.")] = False,
) -> None:
    """Print what building and registering a version printed."""
    with instance.connect() as api:
        for line in api.version_logs(version_ids.id_of(api, version), follow=follow):
            output.printed(line.message, is_err=False)


@command(app)
def rollback(
    instance: Instance,
    workflow: Annotated[
        str,
        typer.Argument(
            metavar="WORKFLOW", autocompletion=completion.workflows, help="Its name or id.", show_default=False
        ),
    ],
    version: Annotated[
        str | None,
        typer.Argument(metavar="[VERSION]", help="As in v3; the ready one before the one that serves by default."),
    ] = None,
) -> None:
    """Let an earlier version serve again; runs that are in flight keep theirs."""
    from orchestrator_sdk.client.requests import Request

    with instance.connect() as api:
        slug = api.workflow(workflow).slug
        to = version_ids.find(api, f"{slug}/{version}") if version else version_ids.before(api, slug)
        changed = api.send(Request("POST", f"/workflowversions/{to.id}/serve", lambda answer: answer))
    output.document(changed) if instance.as_json else output.text(f"{slug} is served by version {to.name}.")


@command(app, "cancel")
def cancel(
    instance: Instance,
    version: _Version,
) -> None:
    """Stop the build of a version; the one that serves goes on serving."""
    with instance.connect() as api:
        canceled = api.cancel_build(version_ids.id_of(api, version))
    output.document(canceled.raw) if instance.as_json else output.text(f"The build of {version} is being canceled.")
