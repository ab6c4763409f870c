"""The `orchestrator` command."""

from __future__ import annotations

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.commands import deploy, dev, doctor, env, init, run, runs, tasks, up, versions, workflows

app = typer.Typer(
    name="orchestrator",
    help="Runs Python functions as workflow tasks, each run in a Docker container of its own.",
    epilog=exit_codes.as_text(),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for _module in (up, doctor, init, dev, deploy, run):
    _module.add_to(app)
for _group in (runs, tasks, workflows, versions, env):
    app.add_typer(_group.app)


def main() -> None:
    """Run one command, and end the process with its exit code."""
    app()


if __name__ == "__main__":
    main()
