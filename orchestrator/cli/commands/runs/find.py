"""runs list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from orchestrator.cli.command import command
from orchestrator.cli.commands.runs.group import app
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output, state, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator_sdk.client.models import TaskRun

_COLUMNS: Final = ("RUN", "TASK", "STATE", "STARTED", "TIME", "ATTEMPTS")


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
    return (
        run["id"],
        output.plain(state.task_name(run)),
        state.word(run["status"]),
        started,
        times.run_time(run),
        str(tries or ""),
    )
