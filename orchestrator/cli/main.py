"""The `orchestrator` command."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator import __version__
from orchestrator.cli import exit_codes
from orchestrator.cli.commands import (
    bench,
    demo,
    deploy,
    dev,
    doctor,
    env,
    init,
    keys,
    run,
    runs,
    status,
    tasks,
    up,
    versions,
    workflows,
)
from orchestrator.cli.commands.control import pause
from orchestrator.cli.commands.upkeep import backup, clean

app = typer.Typer(
    name="orchestrator",
    help="Runs functions in Python or TypeScript as workflow tasks, each run in a Docker container of its own.",
    epilog=exit_codes.as_text(),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _module in (demo, up, status, doctor, init, dev, deploy, run, pause, backup, clean, bench):
    _module.add_to(app)
for _group in (runs, tasks, workflows, versions, env, keys):
    app.add_typer(_group.app)


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"orchestrator {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None: ...


def main() -> None:
    """Run one command, and end the process with its exit code."""
    app()


if __name__ == "__main__":
    main()
