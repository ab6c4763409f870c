"""runs list."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from orchestrator.cli.command import command
from orchestrator.cli.commands.runs import group
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output, state, times

_COLUMNS: Final = ("RUN", "TASK", "STATE", "STARTED", "TIME", "ATTEMPTS")


@command(group.app, "list")
@group.filtered
def list_runs(
    instance: Instance,
    given: group.Given,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
) -> None:
    """List runs, newest first. A filter that is given several times is for any of its values."""
    with instance.connect() as api:
        wanted = group.filters(api, given)
        found = [run.raw for run in api.list(limit=limit, **wanted)]
    rows = [_row(run) for run in found]
    empty = "There are no such runs." if wanted else "There are no runs."
    output.document(found) if instance.as_json else output.table(_COLUMNS, rows, empty=empty)


def _row(run: dict[str, Any]) -> tuple[str, ...]:
    started = times.ago(run["startedAt"]) if run.get("startedAt") else ""
    tries = len(run.get("attempts") or ())
    return (run["id"], state.task_name(run), state.word(run["status"]), started, times.run_time(run), str(tries or ""))
