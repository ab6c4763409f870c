"""env list, set, unset, import."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.errors import CliError
from orchestrator.cli.input import completion, variables
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output, times

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client

app = typer.Typer(
    name="env",
    help="List, set and unset the variables a workflow's tasks see. They stay until they are unset; values are never shown.",
    no_args_is_help=True,
)

_COLUMNS: Final = ("NAME", "SET")
_Workflow = Annotated[
    str,
    typer.Argument(metavar="WORKFLOW", autocompletion=completion.workflows, help="Its name or id.", show_default=False),
]
_Names = Annotated[list[str], typer.Argument(metavar="NAME...", show_default=False)]


@command(app, "list")
def list_variables(instance: Instance, workflow: _Workflow) -> None:
    """List the names of a workflow's variables, and when each was set."""
    with instance.connect() as api:
        found = [variable.raw for variable in api.variables(workflow)]
        if instance.as_json:
            output.document(found)
            return
        rows = [(one["key"], times.ago(one["updatedAt"])) for one in found]
        output.table(_COLUMNS, rows, empty=f"{workflow} has no variables.")
        _tell_pending(instance, api, workflow)


@command(app, "set")
def set_variable(
    instance: Instance, workflow: _Workflow, name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
) -> None:
    """Set a variable; its value is asked for, or read from stdin.

    For example: orchestrator env set shop TOKEN < token.txt
    """
    variables.check_name(name)
    with instance.connect() as api:
        api.workflow(workflow)  # before anybody types a secret
        api.set_variables(workflow, {name: variables.value_of(name)})
        _tell(instance, api, workflow, [name], "set")


@command(app, "import")
def import_variables(
    instance: Instance,
    workflow: _Workflow,
    file: Annotated[
        Path, typer.Argument(help="A file such as .env; - is stdin.", show_default=False)
    ] = variables.STDIN,
) -> None:
    """Set the variables of a file with one KEY=VALUE a line, beside those that are set already."""
    found = variables.of_file(file)
    with instance.connect() as api:
        api.set_variables(workflow, found)
        _tell(instance, api, workflow, list(found), "set")


@command(app)
def unset(instance: Instance, workflow: _Workflow, names: _Names) -> None:
    """Unset variables."""
    for name in names:
        variables.check_name(name)
    with instance.connect() as api:
        known = [variable.name for variable in api.variables(workflow)]
        if unknown := [name for name in names if name not in known]:
            message = f"{workflow} has no variable {' and no variable '.join(unknown)}; nothing was unset"
            raise CliError(message, f"it has: {', '.join(known) or 'none'}", exit_codes.NOT_FOUND)
        for name in dict.fromkeys(names):
            api.unset_variable(workflow, name)
        _tell(instance, api, workflow, names, "unset")


def _tell(instance: Instance, api: Client, workflow: str, names: list[str], done: str) -> None:
    if instance.as_json:
        output.document({done: names})
        return
    output.text(f"{', '.join(names) or 'Nothing'} {'is' if len(names) < 2 else 'are'} {done}.")
    _tell_pending(instance, api, workflow)


def _tell_pending(instance: Instance, api: Client, workflow: str) -> None:
    """Say what is to be done when the version that serves has another set than the next will."""
    found = api.workflow(workflow)
    if found.workflow_version_id is None:
        return
    if api.version(found.workflow_version_id).variable_revision != found.variable_revision:
        words = ("deploy", shlex.quote(found.raw["buildConfig"]["repo"]), "--name", found.slug)
        output.note(f"Runs see this from the workflow's next version on; to make one: {instance.command(*words)}")
