"""runs operations, stop: what is done to many runs at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.commands.runs.group import app
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output, times

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client
    from orchestrator_sdk.client.models import Operation

_COLUMNS: Final = ("OPERATION", "ACTION", "STATE", "DONE", "FAILED", "OF", "BEGUN")
_DONE: Final = {"cancel": "canceled", "rerun": "done again"}
_LOOK_S: Final = 0.3


@command(app, "operations")
def list_operations(instance: Instance) -> None:
    """List what is and was done to many runs at once, newest first."""
    with instance.connect() as api:
        found = [one.raw for one in api.operations()]
    rows = [
        (
            one["id"],
            one["action"],
            one["status"],
            str(one["done"]),
            str(one["failed"]),
            str(one["matched"]),
            times.ago(one["createdAt"]),
        )
        for one in found
    ]
    output.document(found) if instance.as_json else output.table(_COLUMNS, rows, empty="There were no operations.")


@command(app)
def stop(
    instance: Instance, operation: Annotated[str, typer.Argument(metavar="OPERATION", show_default=False)]
) -> None:
    """Stop an operation: it leaves alone the runs it has not come to yet."""
    with instance.connect() as api:
        api.stop_operation(operation)
    output.document({"stopped": operation}) if instance.as_json else output.text(f"{operation} is stopped.")


def follow(instance: Instance, api: Client, operation: Operation, *, no_wait: bool) -> None:
    """Wait until it is over, unless nobody wants to, and say what came of it. Raises CliError when some of it failed."""
    if operation.is_limited:
        output.note(f"More runs match: these are the newest {operation.matched:,}.")
    try:
        while not (no_wait or operation.is_over):
            time.sleep(_LOOK_S)
            operation = api.operation(operation.id)
    except KeyboardInterrupt:
        output.note(f"It goes on. Stop it: {instance.command('runs', 'stop', operation.id)}")
        raise
    if instance.as_json:
        output.document(operation.raw)
    elif operation.is_over:
        output.text(f"{operation.done} of {operation.matched} runs are {_DONE[operation.action]}.")
    else:
        output.text(f"{operation.id}: {operation.matched} runs")
    if operation.failed:
        raise CliError(f"{operation.failed} could not be: {operation.error}", "", exit_codes.FAILED)
