"""runs rerun, cancel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.command import command
from orchestrator.cli.commands.run import finish, watch
from orchestrator.cli.commands.runs.group import RunId, app
from orchestrator.cli.input import arguments, run_ids
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client
    from orchestrator_sdk.errors import APIError


@command(app)
def rerun(  # options
    instance: Instance,
    run: RunId,
    whole: Annotated[
        str | None, typer.Option("--input", metavar="JSON|-", help="Other arguments than it had; - is stdin.")
    ] = None,
    input_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The same from a file.", show_default=False)
    ] = None,
    current: Annotated[bool, typer.Option("--current", help="On the current version, not on the run's own.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Print the new run's id and leave.")] = False,
) -> None:
    """Do a run again, with its input or another one, and print the result."""
    text = arguments.of_file(input_file, whole) if input_file else whole
    given = None if text is None else arguments.read([], text)
    with instance.connect() as api:
        started = api.rerun(run_ids.whole(api, run), given, version="current" if current else "same")
        if no_wait:
            output.document(started.raw) if instance.as_json else output.text(started.id)
            return
        finish(instance, watch(instance, api, started.id))


@command(app)
def cancel(
    instance: Instance, runs: Annotated[list[str], typer.Argument(metavar="RUN...", show_default=False)]
) -> None:
    """Cancel runs, and all the runs they asked for."""
    with instance.connect() as api:
        ids = [run_ids.whole(api, run) for run in runs]
        failures = dict(failure for run in ids if (failure := _cancel(api, run, instance.as_json)))
        if instance.as_json:
            output.document({"canceled": [run for run in ids if run not in failures]})
        *others, last = failures.values() if failures else (None,)
        for other in filter(None, others):
            output.error(other.message)
        if last:
            raise last


def _cancel(api: Client, run: str, as_json: bool) -> tuple[str, APIError] | None:
    """Cancel one; why it could not be canceled, or nothing."""
    from orchestrator_sdk.errors import APIError

    try:
        api.cancel(run)
    except APIError as failure:
        return run, failure
    if not as_json:
        output.text(f"{run} is being canceled.")
    return None
