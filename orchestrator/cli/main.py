"""The `orchestrator` command."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Annotated, Final

import typer

from orchestrator import __version__
from orchestrator.cli import exit_codes

_COMMANDS: Final = (
    *("demo", "up", "status", "doctor", "init", "dev", "deploy", "run"),
    *("control.pause", "upkeep.backup", "upkeep.clean", "bench"),
)
_GROUPS: Final = ("runs", "tasks", "workflows", "versions", "env", "keys")
"""The modules of both; one without a dot has the command of its name, perhaps beside others."""


def app_of(word: str = "") -> typer.Typer:
    """All commands, or only those of the module named `word`: importing and making the others takes longer than most do."""
    app = typer.Typer(
        name="orchestrator",
        help="Runs functions in Python or TypeScript as workflow tasks, each run in a Docker container of its own.",
        epilog=exit_codes.as_text(),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    is_known = word in (*_COMMANDS, *_GROUPS)
    for name in _COMMANDS:
        if name == word or not is_known:
            _module(name).add_to(app)
    for name in _GROUPS:
        if name == word or not is_known:
            app.add_typer(_module(name).app)
    return app


def _module(name: str) -> ModuleType:
    return import_module(f"orchestrator.cli.commands.{name}")


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"orchestrator {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None: ...
