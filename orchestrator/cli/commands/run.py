"""run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import exit_codes, watching
from orchestrator.cli.command import command
from orchestrator.cli.errors import CliError
from orchestrator.cli.input import arguments, completion
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import live_trees, output, state

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    # Negative numbers are arguments, not options.
    command(app, accepts_negative_numbers=True)(run)


def run(  # noqa: PLR0913  # options
    instance: Instance,
    task: Annotated[str, typer.Argument(metavar="WORKFLOW/TASK", autocompletion=completion.tasks, show_default=False)],
    args: Annotated[
        list[str] | None, typer.Argument(help="Its arguments: JSON, or else text.", show_default=False)
    ] = None,
    whole: Annotated[str | None, typer.Option("--input", metavar="JSON|-", help="All of them; - is stdin.")] = None,
    input_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The same from a file.", show_default=False)
    ] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Print the run's id and leave.")] = False,
    deadline_s: Annotated[
        int | None,
        typer.Option("--deadline", metavar="SECONDS", min=1, help="For everything: waits, attempts, retries."),
    ] = None,
    queue_ttl_s: Annotated[
        int | None, typer.Option("--queue-timeout", metavar="SECONDS", min=1, help="For each wait for capacity.")
    ] = None,
    tags: Annotated[
        list[str] | None,
        typer.Option(
            "--tag", metavar="TAG", help="`runs list --tag` finds it by this; repeatable.", show_default=False
        ),
    ] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option(metavar="K=V", help="Kept with the run: JSON, or else text; repeatable.", show_default=False),
    ] = None,
) -> None:
    """Run a task, watch the tree of its runs grow, and print the result.

    For example: orchestrator run quickstart/sum_squares 3 4
    """
    given = arguments.read(args or [], arguments.of_file(input_file, whole) if input_file else whole)
    kept = arguments.metadata(metadata or [])
    with instance.connect() as api:
        started = api.start(
            task, given, deadline_s=deadline_s, queue_timeout_s=queue_ttl_s, tags=tags or None, metadata=kept or None
        )
        if no_wait:
            output.document(started.raw) if instance.as_json else output.text(started.id)
            return
        finish(instance, watch(instance, api, started.id))


def watch(instance: Instance, api: Client, run_id: str) -> dict[str, Any]:
    """The run when it is over, shown until then. Ctrl-C leaves it alone and says how to end it."""
    try:
        with live_trees.shown(named=True) as show:
            return watching.until_over(api, [run_id], show, named=output.err().is_terminal)[0].run
    except KeyboardInterrupt:
        output.note(f"The run goes on. See it: {instance.command('runs', 'show', run_id)}")
        output.note(f"End it:                {instance.command('runs', 'cancel', run_id)}")
        raise


def finish(instance: Instance, run: dict[str, Any]) -> None:
    """Print what came of the run. Raises CliError unless it completed."""
    if instance.as_json:
        output.document(run)
    if run["status"] in state.SUCCESS:
        if not instance.as_json:
            output.document(state.result(run))
        return
    if traceback := (run.get("failure") or {}).get("traceback"):
        output.note(traceback.rstrip())
    raise CliError(
        f"{state.task_name(run)} {run['status']}: {state.error(run) or 'no reason is known'}",
        f"what it printed: {instance.command('runs', 'logs', run['id'])}",
        exit_codes.FAILED,
    )
