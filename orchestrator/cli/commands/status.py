"""status and ui."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, cast

import typer

from orchestrator.cli.command import command
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output


def add_to(app: typer.Typer) -> None:
    """Make these commands part of the app."""
    command(app)(status)
    command(app)(ui)


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


def ui(
    instance: Instance,
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open it in a browser, where there is one.")] = True,
) -> None:
    """Open the page in a browser, signed in: by a link that works once, within a minute."""
    from orchestrator_sdk.client.requests import Request

    with instance.connect() as api:
        link = cast(dict[str, Any], api.send(Request("POST", "/sessions", lambda answer: answer)))
    if instance.as_json:
        output.document(link)
        return
    output.text(link["url"])
    if "expiresAt" in link:
        output.note("The link works once, within a minute.")
    if opens and _has_screen():
        import webbrowser

        webbrowser.open(link["url"])


def _has_screen() -> bool:
    """Whether a browser would open in a window: not one in this terminal, nor on the other end of a connection."""
    return sys.stdout.isatty() and (
        sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    )
