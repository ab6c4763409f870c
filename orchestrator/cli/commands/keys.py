"""keys create, list, revoke."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote

import typer

from orchestrator.cli.command import command
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output, times
from orchestrator.core.access import Scope

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client

app = typer.Typer(
    name="keys",
    help="Keys of the API for programs that may not do everything; the first key, in the data directory, may.",
    no_args_is_help=True,
)

_COLUMNS: Final = ("NAME", "GOOD FOR", "MADE")
_Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


@command(app)
def create(
    instance: Instance,
    name: _Name,
    scope: Annotated[
        list[Scope],
        typer.Option(
            help="What it is good for, beside reading: run starts and cancels runs; can be given several times."
        ),
    ] = [Scope.READ],  # noqa: B006  # Typer's way to give a default
) -> None:
    """Make a key, and print it: this once.

    For example, for a program that starts runs: orchestrator keys create shop-web --scope run
    """
    with instance.connect() as api:
        made = _ask(api, "POST", "/keys", {"name": name, "scopes": scope})
    if instance.as_json:
        output.document(made)
        return
    output.text(made["key"])
    output.note(f"'{name}' is good for {', '.join(made['scopes'])}; nothing shows it again.")


@command(app, "list")
def list_keys(instance: Instance) -> None:
    """List all keys but the first one."""
    with instance.connect() as api:
        found = _ask(api, "GET", "/keys")
    if instance.as_json:
        output.document(found)
        return
    rows = [(one["name"], ", ".join(one["scopes"]), times.ago(one["createdAt"])) for one in found]
    output.table(_COLUMNS, rows, empty="There are no keys but the first one.")


@command(app)
def revoke(instance: Instance, name: _Name) -> None:
    """End a key; the next request with it is refused."""
    with instance.connect() as api:
        _ask(api, "DELETE", f"/keys/{quote(name, safe='')}")
    output.document({"revoked": name}) if instance.as_json else output.text(f"{name} is revoked.")


def _ask(api: Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    from orchestrator_sdk.client.requests import Request

    return api.send(Request(method, path, lambda answer: answer, body=json.dumps(body) if body else None))
