"""runs list, show, logs, cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from orchestrator.cli import watching
from orchestrator.cli.command import command
from orchestrator.cli.input import run_ids
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import logs as log_lines
from orchestrator.cli.views import output, run_details, state, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator_sdk.client import Client
    from orchestrator_sdk.client.models import TaskRun
    from orchestrator_sdk.errors import APIError

app = typer.Typer(name="runs", help="List, show and cancel runs; read what they printed.", no_args_is_help=True)

_COLUMNS: Final = ("RUN", "TASK", "STATE", "STARTED", "TIME", "ATTEMPTS")
_RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its beginning.", show_default=False)]


@command(app, "list")
def list_runs(
    instance: Instance,
    task: Annotated[str | None, typer.Option(metavar="WORKFLOW/TASK", help="Only runs of this task.")] = None,
    status: Annotated[str | None, typer.Option(help="pending, running, completed, failed or canceled.")] = None,
    roots: Annotated[bool, typer.Option("--roots", help="Only runs that no run asked for.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
) -> None:
    """List runs, newest first."""
    with instance.connect() as api:
        found = [run.raw for run in _first(limit, api.list(task=task, status=status), roots)]
    rows = [_row(run) for run in found]
    output.document(found) if instance.as_json else output.table(_COLUMNS, rows, empty="There are no runs.")


def _first(limit: int, runs: Iterator[TaskRun], roots: bool) -> Iterator[TaskRun]:
    for run in runs:
        if roots and run.parent_task_run_id:
            continue
        yield run
        limit -= 1
        if not limit:
            return


def _row(run: dict[str, Any]) -> tuple[str, ...]:
    started = times.ago(run["startedAt"]) if run.get("startedAt") else ""
    tries = len(run.get("attempts") or ())
    return (run["id"], state.task_name(run), state.word(run["status"]), started, times.run_time(run), str(tries or ""))


@command(app)
def show(instance: Instance, run: _RunId) -> None:
    """Show a run: its tree, input, attempts and outcome."""
    with instance.connect() as api:
        node = watching.tree(api, run_ids.whole(api, run))
    output.document(node.run) if instance.as_json else run_details.show(node)


@command(app)
def logs(
    instance: Instance,
    run: _RunId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is over.")] = False,
    attempt: Annotated[int | None, typer.Option(min=0, help="Only of this attempt; the first is 0.")] = None,
) -> None:
    """Print what a run printed, stderr on stderr. With --json: a document a line when following, else a list."""
    with instance.connect() as api:
        lines = log_lines.of_run(api, run_ids.whole(api, run), follow=follow, attempt=attempt)
        if instance.as_json and not follow:
            output.document(list(lines))
        else:
            log_lines.show(lines, as_json=instance.as_json)


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
