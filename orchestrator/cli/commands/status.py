"""status."""

from __future__ import annotations

import typer

from orchestrator.cli.command import command
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app)(status)


def status(instance: Instance) -> None:
    """Say whether the orchestrator runs, where, and how much it has to do."""
    with instance.connect() as api:
        found, url = api.status(), api.address.url
    if instance.as_json:
        output.document(found.raw | {"url": url})
        return
    facts = {"API": url, "version": found.version, "runs": f"{found.active} active, {found.queued} queued"}
    if instance.url is None:
        facts |= {"data directory": str(instance.data_dir.path), "log": str(instance.data_dir.log_path)}
    facts |= found.info
    width = max(map(len, facts))
    for name, value in facts.items():
        output.text(f"{name:<{width}}  {value}")
