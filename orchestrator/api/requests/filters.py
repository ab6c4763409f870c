"""What the names in a query mean: names that mean nothing are refused, for an empty list would hide the typing error."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from orchestrator.api.requests.refused import bad_request
from orchestrator.core.near import did_you_mean
from orchestrator.store import ids
from orchestrator.store.workflows.store import Unknown, WorkflowStore

_DIGITS: Final = re.compile(r"[0-9a-v]{0,20}")
_NUMBER: Final = re.compile(r"v?([1-9][0-9]{0,8})")
_ID: Final = re.compile(r"[a-z]{3}-[0-9a-v]{20}")


async def workflow_ids(workflows: WorkflowStore, names: Iterable[str]) -> frozenset[str]:
    """The workflows' ids: of a slug, what it stands for; an id stays what it is, even of one that was deleted. Raises Unknown."""
    return frozenset([await _workflow_id(workflows, name) for name in names])


async def task_ids(workflows: WorkflowStore, names: Iterable[str]) -> frozenset[str]:
    """The ids of tasks by ``workflow/task``, bare task name or id. Raises Unknown, Refused."""
    found: set[str] = set()
    for name in names:
        if ":" in name:
            raise bad_request(f"'{name}' names a version: give the task alone, and the version as workflowVersionId")
        found |= {name} if _is_id(ids.TASK, name) else await _task_ids(workflows, name)
    return frozenset(found)


async def version_ids(workflows: WorkflowStore, names: Iterable[str], of: Iterable[str]) -> frozenset[str]:
    """The versions by id, ``workflow/v3``, or ``v3`` of the workflows whose ids are in `of`. Raises Unknown, Refused."""
    found: set[str] = set()
    for name in names:
        found |= {name} if _is_id(ids.VERSION, name) else await _version_ids(workflows, name, of)
    return frozenset(found)


def whole_prefix(given: str) -> str:
    """The beginning of a run's id, which may be given without its kind. Raises Refused."""
    digits = given.removeprefix(f"{ids.RUN}-")
    if not _DIGITS.fullmatch(digits):
        raise bad_request(f"idPrefix cannot be {given[:60]!r}: ids of runs are {ids.RUN}- and 20 letters and digits")
    return f"{ids.RUN}-{digits}"


def several(given: object) -> object:
    """The values of a field that may be given several times, or with commas between."""
    values = one_or_more(given)
    if isinstance(values, list):
        return [part for one in values for part in (one.split(",") if isinstance(one, str) else [one]) if part]
    return given


def one_or_more(given: object) -> object:
    """The values of a field that in JSON may be one text alone."""
    return [given] if isinstance(given, str) else given


def checked_ids(prefix: str, field: str, given: Iterable[str]) -> frozenset[str]:
    """Ids of runs or versions, whether there are such or not. Raises Refused."""
    found = frozenset(given)
    for one in found:
        if not _is_id(prefix, one):
            raise bad_request(f"{field} cannot be {one[:60]!r}: its ids are {prefix}- and 20 letters and digits")
    return found


def _is_id(prefix: str, text: str) -> bool:
    return text.startswith(f"{prefix}-") and bool(_ID.fullmatch(text))


async def _workflow_id(workflows: WorkflowStore, name: str) -> str:
    try:
        return (await workflows.get(name)).id
    except Unknown:
        if _is_id(ids.WORKFLOW, name):
            return name
        raise


async def _version_ids(workflows: WorkflowStore, name: str, of: Iterable[str]) -> set[str]:
    slug, _, version = name.rpartition("/")
    number = _NUMBER.fullmatch(version)
    if number is None:
        raise bad_request(f"version cannot be {name[:60]!r}: write it as its id, or as workflow/v3")
    workflow_ids = [await _workflow_id(workflows, slug)] if slug else list(of)
    if not workflow_ids:
        raise bad_request(
            f"version {name!r} is of which workflow? Write it as workflow/{version}, or give the workflow too"
        )
    every = [version for workflow_id in workflow_ids for version in await workflows.versions(workflow_id)]
    found = {version.id for version in every if version.number == int(number[1])}
    if not found:
        raise Unknown(f"there is no version {name!r}; see `orchestrator versions list`")
    return found


async def _task_ids(workflows: WorkflowStore, name: str) -> set[str]:
    """In every version, so that runs of a task that is no longer there are found too."""
    slug, _, task = name.rpartition("/")
    workflow_id = await _workflow_id(workflows, slug) if slug else None
    specs = [spec for version in await workflows.versions(workflow_id) for spec in version.tasks]
    found = {spec.id for spec in specs if spec.name == task}
    if not found:
        begin, they_are = (f"workflow {slug!r} has", "its tasks are") if slug else ("there is", "the tasks are")
        near = did_you_mean(task, (spec.name for spec in specs), they_are)
        raise Unknown(f"{begin} no task {task[:100]!r}{near}")
    return found
