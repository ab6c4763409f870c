"""What all commands share: the options that name an orchestrator, and how failures end the process."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from orchestrator.app.data_dir import DataDir
from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance, default_data_dir
from orchestrator.cli.views import output

_PANEL: Final = "Which orchestrator"
_DATA_DIR: Final = typer.Option(
    envvar="ORCHESTRATOR_DATA_DIR", rich_help_panel=_PANEL, help="Its data directory; ~/.orchestrator by default."
)
_URL: Final = typer.Option(
    envvar="ORCHESTRATOR_URL",
    rich_help_panel=_PANEL,
    help="Its URL, when it runs elsewhere; needs ORCHESTRATOR_API_KEY.",
)
_JSON: Final = typer.Option("--json", help="Answer with one JSON document.")

_SHARED: Final = (
    inspect.Parameter(
        "data_dir", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[Path | None, _DATA_DIR]
    ),
    inspect.Parameter("url", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, _URL]),
    inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, _JSON]),
)

Command = Callable[..., None]


def command(
    group: typer.Typer, name: str | None = None, *, is_local: bool = False, accepts_negative_numbers: bool = False
) -> Callable[[Command], Command]:
    """Adds the function to the group; its first parameter is the Instance that the shared options name.

    A local command works on this machine alone, so it has no --url. One that accepts negative numbers gets options nobody
    knows as arguments, and has to refuse them.
    """

    def add(function: Command) -> Command:
        @wraps(function)
        def run(*, data_dir: Path | None, as_json: bool, url: str | None = None, **own: Any) -> None:
            with_failures_shown(function, Instance(DataDir(data_dir or default_data_dir()), url, as_json), **own)

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        parameters += [parameter for parameter in _SHARED if not (is_local and parameter.name == "url")]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        del run.__wrapped__  # or inspect would look through us
        settings = {"ignore_unknown_options": True} if accepts_negative_numbers else None
        group.command(name, help=inspect.getdoc(function), context_settings=settings)(run)
        return function

    return add


def with_failures_shown(function: Command, *args: Any, **kwargs: Any) -> None:
    """Call it; what went wrong in a way that was foreseen is shown, and ends the process with its exit code."""
    try:
        function(*args, **kwargs)
    except CliError as failure:
        output.error(str(failure), failure.hint)
        raise typer.Exit(failure.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(exit_codes.INTERRUPTED) from None
