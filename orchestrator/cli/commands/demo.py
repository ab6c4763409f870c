"""demo."""

from __future__ import annotations

import typer

from orchestrator.cli.command import command
from orchestrator.cli.instance.instance import Instance


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app, is_local=True)(demo)


def demo(instance: Instance) -> None:
    """Start the orchestrator, deploy an example, run it, and show what happened."""
    from orchestrator.cli import demo

    demo.demo(instance)
