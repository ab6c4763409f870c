"""pause, resume."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.command import command
from orchestrator.cli.input import completion
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output

_Name = Annotated[
    str, typer.Argument(metavar="WORKFLOW[/TASK]", autocompletion=completion.workflows_and_tasks, show_default=False)
]


def add_to(app: typer.Typer) -> None:
    """Make these commands part of the app."""
    command(app)(pause)
    command(app)(resume)


def pause(
    instance: Instance,
    name: _Name,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="For whoever asks why its runs wait.")] = None,
) -> None:
    """Start no run of a workflow, or of one of its tasks, until it is resumed; what runs goes on."""
    with instance.connect() as api:
        found = api.pause(name, reason)
    resumed = instance.command("resume", name)
    output.document(found) if instance.as_json else output.text(f"{name} is paused. It goes on with: {resumed}")


def resume(instance: Instance, name: _Name) -> None:
    """Start the runs of a workflow or task again."""
    with instance.connect() as api:
        found = api.resume(name)
    output.document(found) if instance.as_json else output.text(f"{name} goes on.")
