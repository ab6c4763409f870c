"""runs show, logs."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli import watching
from orchestrator.cli.command import command
from orchestrator.cli.commands.runs.group import RunId, app
from orchestrator.cli.input import run_ids
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import logs as log_lines
from orchestrator.cli.views import output, run_details


@command(app)
def show(instance: Instance, run: RunId) -> None:
    """Show a run: its tree, input, attempts and outcome."""
    with instance.connect() as api:
        node = watching.tree(api, run_ids.whole(api, run))
    output.document(node.run) if instance.as_json else run_details.show(node)


@command(app)
def logs(
    instance: Instance,
    run: RunId,
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
