"""What the commands about runs belong to, and the names and filters they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.input import run_ids
from orchestrator.cli.input.moments import moment

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client
    from orchestrator_sdk.client.requests.runs import RunFilters

app = typer.Typer(
    name="runs", help="Find, show, cancel runs and do them again; read what they printed.", no_args_is_help=True
)

_PANEL = "Which runs"
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its beginning.", show_default=False)]
Task = Annotated[
    list[str] | None,
    typer.Option(metavar="WORKFLOW/TASK", rich_help_panel=_PANEL, help="Of this task.", show_default=False),
]
Workflow = Annotated[
    list[str] | None,
    typer.Option(metavar="WORKFLOW", rich_help_panel=_PANEL, help="Of this workflow.", show_default=False),
]
Version = Annotated[
    list[str] | None,
    typer.Option(metavar="WORKFLOW/V3", rich_help_panel=_PANEL, help="Of this version, or its id.", show_default=False),
]
Status = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STATUS",
        rich_help_panel=_PANEL,
        help="pending, running, completed, failed or canceled.",
        show_default=False,
    ),
]
Tag = Annotated[
    list[str] | None, typer.Option(metavar="TAG", rich_help_panel=_PANEL, help="With this tag.", show_default=False)
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="2h|DATE",
        rich_help_panel=_PANEL,
        help="Made since then: 30m, 2h, 7d ago, or a date.",
        show_default=False,
    ),
]
Text = Annotated[
    str | None,
    typer.Option(metavar="TEXT", rich_help_panel=_PANEL, help="With this in their error.", show_default=False),
]
Root = Annotated[
    str | None, typer.Option(metavar="RUN", rich_help_panel=_PANEL, help="In the tree of this run.", show_default=False)
]
Roots = Annotated[bool, typer.Option("--roots", rich_help_panel=_PANEL, help="That no run asked for.")]


def filters(  # noqa: PLR0913  # the options
    api: Client,
    *,
    task: list[str] | None,
    workflow: list[str] | None,
    version: list[str] | None,
    status: list[str] | None,
    tag: list[str] | None,
    since: str | None,
    text: str | None,
    root: str | None,
    roots: bool,
) -> RunFilters:
    """What the options ask for; empty when none was given. Raises CliError."""
    given: RunFilters = {
        "task": task or None,
        "workflow": workflow or None,
        "version": version or None,
        "status": status or None,
        "tag": tag or None,
        "created_after": moment(since) if since else None,
        "text": text,
        "root_run_id": run_ids.whole(api, root) if root else None,
        "roots_only": roots,
    }
    return given if any(given.values()) else {}
