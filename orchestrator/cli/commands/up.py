"""up and down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from orchestrator.cli.command import command
from orchestrator.cli.instance import configuration, daemon
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output


def add_to(app: typer.Typer) -> None:
    """Make these commands part of the app."""
    command(app, is_local=True)(up)
    command(app, is_local=True)(down)


def up(  # noqa: PLR0913  # each is an option
    instance: Instance,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Run in the background.")] = False,
    host: Annotated[str | None, typer.Option(help="Where to listen; 127.0.0.1 by default.")] = None,
    port: Annotated[int | None, typer.Option(help="8120 by default; 0 is any free port.")] = None,
    store_url: Annotated[str | None, typer.Option(help="A Redis for the store, instead of one of our own.")] = None,
    channel_url: Annotated[str | None, typer.Option(help="A Redis for the channel, likewise.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Serve TLS with this certificate (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key (PEM).")] = None,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Serve without an API key.")] = False,
) -> None:
    """Start the orchestrator.

    In the foreground it shows a live status until Ctrl-C. Containers that run then go on, and the next `up` adopts them.
    """
    given: dict[str, Any] = {"host": host, "port": port, "store_url": store_url, "channel_url": channel_url}
    given |= {"tls_cert": tls_cert and tls_cert.absolute(), "tls_key": tls_key and tls_key.absolute()}
    given |= {"no_auth": no_auth or None}
    settings = configuration.read(instance.data_dir.path, given)
    if not detach:
        from orchestrator.cli.instance import foreground

        foreground.serve(settings)
        return
    found = daemon.start(instance.data_dir, configuration.environment(settings))
    ignored = _ignored(found, given) if found.was_running else []
    if instance.as_json:
        output.document(found.as_json() | {"ignored": ignored})
        return
    _tell(found)
    if ignored:
        stop = daemon.stop_command(found.data_dir)
        output.note(
            f"Ignored, for it runs already: {' '.join(ignored)}. To apply: {stop}, then the same command again."
        )


def _ignored(found: daemon.Daemon, given: dict[str, Any]) -> list[str]:
    """The options that the running one was not started with, as far as its URL says."""
    at = urlsplit(found.url)
    has = {"host": at.hostname, "port": at.port}
    return [_spelled(name, value) for name, value in given.items() if value is not None and has.get(name) != value]


def _spelled(name: str, value: Any) -> str:
    option = f"--{name.replace('_', '-')}"
    return option if value is True else f"{option} {value}"


def _tell(found: daemon.Daemon) -> None:
    output.text("The orchestrator runs already." if found.was_running else "The orchestrator is running.")
    output.text(f"  API      {found.url}")
    output.text(f"  API key  {found.data_dir.api_key_path}")
    output.text(f"  log      {found.data_dir.log_path}")
    output.text(f"  stop     {daemon.stop_command(found.data_dir)}")


def down(instance: Instance) -> None:
    """Stop the orchestrator.

    Containers that run go on, and the next `up` adopts them.
    """
    pid = daemon.stop(instance.data_dir)
    if instance.as_json:
        output.document({"wasRunning": pid is not None, "pid": pid})
    elif pid is None:
        output.text(f"No orchestrator runs with {instance.data_dir.path}.")
    else:
        output.text(f"Stopped (it was process {pid}).")
