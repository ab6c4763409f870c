"""What the commands about runs belong to, and the names and filters they take."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.command import Command
from orchestrator.cli.input import completion, run_ids
from orchestrator.cli.input.moments import moment
from orchestrator.cli.instance.instance import Instance

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client
    from orchestrator_sdk.client.requests.runs import RunFilters

app = typer.Typer(
    name="runs", help="Find, show, cancel runs and do them again; read what they printed.", no_args_is_help=True
)

_PANEL = "Which runs"
RunId = Annotated[
    str,
    typer.Argument(
        metavar="RUN", autocompletion=completion.runs, help="A run's id, or its beginning.", show_default=False
    ),
]
Task = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORKFLOW/TASK",
        autocompletion=completion.tasks,
        rich_help_panel=_PANEL,
        help="Of this task.",
        show_default=False,
    ),
]
Workflow = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORKFLOW",
        autocompletion=completion.workflows,
        rich_help_panel=_PANEL,
        help="Of this workflow.",
        show_default=False,
    ),
]
Version = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORKFLOW/V3",
        autocompletion=completion.versions,
        rich_help_panel=_PANEL,
        help="Of this version, or its id.",
        show_default=False,
    ),
]
Status = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STATUS",
        autocompletion=completion.statuses,
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
    str | None,
    typer.Option(
        metavar="RUN",
        autocompletion=completion.runs,
        rich_help_panel=_PANEL,
        help="In the tree of this run.",
        show_default=False,
    ),
]
Roots = Annotated[bool, typer.Option("--roots", rich_help_panel=_PANEL, help="That no run asked for.")]


@dataclass(frozen=True, slots=True)
class Given:
    """The filters as they were given."""

    task: Task = None
    workflow: Workflow = None
    version: Version = None
    status: Status = None
    tag: Tag = None
    since: Since = None
    text: Text = None
    root: Root = None
    roots: Roots = False


def filtered(function: Command) -> Command:
    """The command with an option for each filter; they come to it together, as `given`."""
    options = inspect.signature(Given, eval_str=True).parameters

    def run(instance: Instance, **own: Any) -> None:
        function(instance, given=Given(**{name: own.pop(name) for name in options}), **own)

    own = [one for one in inspect.signature(function, eval_str=True).parameters.values() if one.name != "given"]
    chosen = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in options.values()]
    run.__signature__ = inspect.Signature([*own, *chosen])  # type: ignore[attr-defined]
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    return run


def filters(api: Client, given: Given) -> RunFilters:
    """What was asked for; empty when nothing was. Raises CliError."""
    found: RunFilters = {
        "task": given.task or None,
        "workflow": given.workflow or None,
        "version": given.version or None,
        "status": given.status or None,
        "tag": given.tag or None,
        "created_after": moment(given.since) if given.since else None,
        "text": given.text,
        "root_run_id": api.get(run_ids.whole(api, given.root)).id if given.root else None,
        "roots_only": given.roots,
    }
    return found if any(found.values()) else {}
