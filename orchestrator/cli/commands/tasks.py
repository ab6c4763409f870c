"""tasks list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from orchestrator.cli.command import command
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output, signatures

if TYPE_CHECKING:
    from orchestrator_sdk.client.models import RegisteredTask

app = typer.Typer(name="tasks", help="List the tasks that can be run.", no_args_is_help=True)

COLUMNS: Final = ("TASK", "ARGUMENTS", "PLAN", "TIMEOUT", "RETRIES", "WARM", "NETWORK")


@command(app, "list")
def list_tasks(
    instance: Instance,
    workflow: Annotated[str | None, typer.Option(metavar="WORKFLOW", help="Only those of this workflow.")] = None,
) -> None:
    """List the tasks of all workflows, as their current versions registered them."""
    with instance.connect() as api:
        found = list(api.tasks(workflow=api.workflow(workflow).id if workflow else None))
    rows, documents = sorted(row(task) for task in found), [task.raw for task in found]
    output.document(documents) if instance.as_json else output.table(COLUMNS, rows, empty="No task is registered yet.")


def row(task: RegisteredTask) -> tuple[str, ...]:
    """The cells of one task."""
    from orchestrator.core.container.network import in_words

    retry, timeout_s = task.raw.get("retry") or {}, task.timeout_seconds
    return (
        output.plain(task.slug),
        output.plain(signatures.line(task.parameters)),
        task.plan,
        f"{timeout_s} s" if timeout_s else "",
        str(retry.get("maxRetries", "")),
        f"{task.warm}, at least {task.warm_min}" if task.warm_min else task.warm,
        in_words(task.network),
    )
