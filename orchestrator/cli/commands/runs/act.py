"""runs rerun, cancel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.commands.run import finish, watch
from orchestrator.cli.commands.runs import group
from orchestrator.cli.commands.runs.many import follow
from orchestrator.cli.errors import CliError
from orchestrator.cli.input import arguments, completion, run_ids
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client
    from orchestrator_sdk.errors import APIError


@command(group.app)
@group.filtered
def rerun(  # options
    instance: Instance,
    given: group.Given,
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]", autocompletion=completion.runs, help="A run's id, or its beginning.", show_default=False
        ),
    ] = None,
    whole: Annotated[
        str | None, typer.Option("--input", metavar="JSON|-", help="Other arguments than it had; - is stdin.")
    ] = None,
    input_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The same from a file.", show_default=False)
    ] = None,
    current: Annotated[bool, typer.Option("--current", help="On the current version, not on the run's own.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Print the new run's id and leave.")] = False,
) -> None:
    """Do a run again, with its input or another one, and print the result; or, by filters, all runs that have ended so."""
    text_given = arguments.of_file(input_file, whole) if input_file else whole
    other = None if text_given is None else arguments.read([], text_given)
    with instance.connect() as api:
        wanted = group.filters(api, given)
        _check_one(bool(run), bool(wanted))
        if run is None:
            _check_no_input(other is not None)
            follow(instance, api, api.rerun_all(on_version="current" if current else "same", **wanted), no_wait=no_wait)
            return
        started = api.rerun(run_ids.whole(api, run), other, version="current" if current else "same")
        if no_wait:
            output.document(started.raw) if instance.as_json else output.text(started.id)
            return
        finish(instance, watch(instance, api, started.id))


@command(group.app)
@group.filtered
def cancel(
    instance: Instance,
    given: group.Given,
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN]...", autocompletion=completion.runs, show_default=False)
    ] = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Of a filter: do not wait until all are canceled.")
    ] = False,
) -> None:
    """Cancel runs, by id or by filters, and all the runs they asked for."""
    with instance.connect() as api:
        wanted = group.filters(api, given)
        _check_one(bool(runs), bool(wanted))
        if wanted:
            follow(instance, api, api.cancel_all(**wanted), no_wait=no_wait)
        else:
            _cancel_each(instance, api, runs or [])


def _cancel_each(instance: Instance, api: Client, runs: list[str]) -> None:
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


def _check_one(has_runs: bool, has_filters: bool) -> None:
    if has_runs == has_filters:
        what = "ids and filters exclude each other" if has_runs else "which runs?"
        raise CliError(what, "give ids, or filters such as --status pending --workflow NAME", exit_codes.USAGE)


def _check_no_input(has_input: bool) -> None:
    if has_input:
        raise CliError("--input is for one run, and filters find many", "give the run's id", exit_codes.USAGE)
