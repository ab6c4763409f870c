"""What the names in a query mean."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.api.errors import bad_request
from orchestrator.store import ids
from orchestrator.store.workflows import Unknown, WorkflowStore


async def workflow_ids(workflows: WorkflowStore, names: Iterable[str]) -> frozenset[str]:
    """The workflows' ids: of a slug, what it stands for; an id stays what it is, even of one that was deleted."""
    return frozenset([await _workflow_id(workflows, name) for name in names])


async def task_ids(workflows: WorkflowStore, names: Iterable[str]) -> frozenset[str]:
    """The ids of tasks by ``workflow/task``, bare task name or id, without those that do not exist. Raises Refused."""
    found: set[str] = set()
    for name in names:
        if ":" in name:
            raise bad_request(f"'{name}' names a version: give the task alone, and the version as workflowVersionId")
        found |= {name} if name.startswith(f"{ids.TASK}-") else await _task_ids(workflows, name)
    return frozenset(found)


async def _workflow_id(workflows: WorkflowStore, name: str) -> str:
    try:
        return (await workflows.get(name)).id
    except Unknown:
        return name


async def _task_ids(workflows: WorkflowStore, name: str) -> set[str]:
    """In every version, so that runs of a task that is no longer there are found too."""
    slug, _, task = name.rpartition("/")
    workflow_id = await _workflow_id(workflows, slug) if slug else None
    versions = await workflows.versions(workflow_id)
    return {spec.id for version in versions for spec in version.tasks if spec.name == task}
