"""What a shell offers for the word that is being typed; nothing where no orchestrator answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from orchestrator.app.data_dir import DataDir
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance, default_data_dir
from orchestrator.cli.views import state

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client

_RUNS: Final = 30
_RUN_KIND: Final = "trn-"
Offer = tuple[str, str]
"""A word, and what it means."""


def workflows(context: typer.Context, incomplete: str) -> list[Offer]:
    """Names of workflows."""
    return _offered(context, incomplete, lambda api: ((one.slug, "") for one in api.workflows()))


def tasks(context: typer.Context, incomplete: str) -> list[Offer]:
    """Names of tasks, as in shop/charge."""
    return _offered(context, incomplete, lambda api: ((one.slug, one.plan) for one in api.tasks()))


def workflows_and_tasks(context: typer.Context, incomplete: str) -> list[Offer]:
    """Either."""
    return workflows(context, incomplete) + tasks(context, incomplete)


def versions(context: typer.Context, incomplete: str) -> list[Offer]:
    """Names of versions, as in shop/v3."""

    def found(api: Client) -> Iterable[Offer]:
        slugs = {one.id: one.slug for one in api.workflows()}
        return ((f"{slugs.get(one.workflow_id, '?')}/{one.name}", one.status) for one in api.versions())

    return _offered(context, incomplete, found)


def runs(context: typer.Context, incomplete: str) -> list[Offer]:
    """Ids of the newest runs, without their kind where the word begins without it."""
    names_kind = _RUN_KIND.startswith(incomplete[: len(_RUN_KIND)])
    begins = None if _RUN_KIND.startswith(incomplete) else incomplete

    def found(api: Client) -> Iterable[Offer]:
        for run in islice(api.list(limit=_RUNS, id_prefix=begins), _RUNS):
            yield run.id if names_kind else run.id.removeprefix(_RUN_KIND), f"{state.task_name(run.raw)} {run.status}"

    return _offered(context, incomplete, found)


def statuses(incomplete: str) -> list[str]:
    """The states of a run."""
    words = ("pending", "running", "completed", "failed", "canceled")
    return [word for word in words if word.startswith(incomplete)]


def _offered(context: typer.Context, incomplete: str, read: Callable[[Client], Iterable[Offer]]) -> list[Offer]:
    given = context.params
    instance = Instance(DataDir(Path(given.get("data_dir") or default_data_dir())), given.get("url"))
    try:
        with instance.connect() as api:
            return [offer for offer in read(api) if offer[0].startswith(incomplete)]
    except CliError:
        return []
