"""runs show, logs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli import exit_codes, watching
from orchestrator.cli.command import command
from orchestrator.cli.commands.runs.group import RunId, app
from orchestrator.cli.errors import CliError
from orchestrator.cli.input import run_ids
from orchestrator.cli.input.moments import moment
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import logs as log_lines
from orchestrator.cli.views import output, run_details, state

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client
    from orchestrator_sdk.client.models import LogLine


@command(app)
def show(instance: Instance, run: RunId) -> None:
    """Show a run: its tree, input, attempts and outcome."""
    with instance.connect() as api:
        node = watching.named_tree(api, run_ids.whole(api, run))
    output.document(node.run) if instance.as_json else run_details.show(node)


@command(app)
def logs(  # noqa: PLR0913  # options
    instance: Instance,
    run: RunId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is over.")] = False,
    tree: Annotated[bool, typer.Option("--tree", help="Of the run and of all below it, by time.")] = False,
    timestamps: Annotated[bool, typer.Option("--timestamps", "-t", help="When each line was printed.")] = False,
    tail: Annotated[int | None, typer.Option(min=0, help="Only so many of the last lines.")] = None,
    since: Annotated[str | None, typer.Option(help="Only lines from then on: 10m, 2h, or a time.")] = None,
    grep: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only lines in which this regular expression is.")
    ] = None,
    attempt: Annotated[int | None, typer.Option(min=1, help="Only of this attempt; the first is 1, in JSON 0.")] = None,
) -> None:
    """Print what a run printed, stderr on stderr. With --json: a document a line when following, else a list."""
    number = attempt - 1 if attempt else None
    choice = log_lines.Choice(number, moment(since) if since else None, _search(grep), tail)
    with instance.connect() as api:
        run_id = run_ids.whole(api, run)
        if number is not None:
            _check_attempt(api, run_id, number)
        live = output.is_watched() and not instance.as_json
        reader = _reader(api, run_id, number, tree=tree, live=live)
        lines = log_lines.chosen(reader, choice, follow=follow)
        if instance.as_json and not follow:
            output.document(list(lines))
        else:
            log_lines.show(lines, as_json=instance.as_json, timestamps=timestamps)


def _check_attempt(api: Client, run_id: str, number: int) -> None:
    """That there is one, or may yet be. Raises CliError."""
    run = api.get(run_id)
    known = [one.attempt for one in run.attempts]
    if run.status.is_terminal and number not in known:
        names = ", ".join(state.attempt(one) for one in known)
        raise CliError(
            f"run {run_id} has no {state.attempt(number)}", f"it has: {names or 'none'}", exit_codes.NOT_FOUND
        )


def _reader(
    api: Client, run_id: str, attempt: int | None, *, tree: bool, live: bool
) -> Callable[[bool], Iterable[LogLine]]:
    """What reads the log, and with True follows it."""
    if tree:
        return lambda follow: api.tree_logs(run_id, follow=follow)
    return lambda follow: api.logs(run_id, follow=follow, attempt=attempt, live=live)


def _search(pattern: str | None) -> Callable[[str], object]:
    try:
        return re.compile(pattern or "").search
    except re.error as error:
        raise CliError(f"'{pattern}' is no regular expression: {error}", "", exit_codes.USAGE) from None
