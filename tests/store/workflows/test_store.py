from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from orchestrator.core.tasks import check
from orchestrator.core.workflow import Source, Version, VersionStatus, Workflow
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.workflows.store import Unknown, WorkflowStore
from tests.env_cipher import CIPHER

TASKS = check([{"name": "square"}, {"name": "add"}])


@pytest.fixture
async def workflows(store: Client, redis_servers: tuple[str, str]) -> AsyncIterator[WorkflowStore]:
    binary = connect_binary(redis_servers[0])
    yield WorkflowStore(store, binary, CIPHER)
    await binary.aclose()


async def deployed(workflows: WorkflowStore, now_ms: int = 1) -> tuple[Workflow, Version]:
    return await workflows.deploy("maths", Source("/src"), "main.py", {"A": "1"}, b"\x1f\x8b", now_ms=now_ms)


async def test_a_task_is_found_by_slug_by_version_and_by_id(workflows: WorkflowStore) -> None:
    _, version = await deployed(workflows)
    ready = await workflows.release(version, TASKS, now_ms=2)
    square = ready.tasks[0]
    for name in ("maths/square", "maths/square:1", "maths/square:v1", f"maths/square:{version.id}", square.id):
        assert (await workflows.resolve(name))[:2] == (ready, square)


async def test_a_task_keeps_its_id_in_the_next_version(workflows: WorkflowStore) -> None:
    first = await workflows.release((await deployed(workflows))[1], TASKS, now_ms=2)
    second = await workflows.release((await deployed(workflows, 2))[1], TASKS, now_ms=3)
    assert [task.id for task in first.tasks] == [task.id for task in second.tasks]
    assert (await workflows.resolve("maths/square"))[0].number == 2


async def test_a_version_that_failed_does_not_replace_the_one_that_serves(workflows: WorkflowStore) -> None:
    ready = await workflows.release((await deployed(workflows))[1], TASKS, now_ms=2)
    _, broken = await deployed(workflows, 3)
    await workflows.save(replace(broken, status=VersionStatus.BUILD_FAILED, error="no"))
    assert (await workflows.resolve("maths/square"))[0] == ready


async def test_a_slow_older_build_does_not_replace_a_newer_version(workflows: WorkflowStore) -> None:
    _, older = await deployed(workflows)
    _, newer = await deployed(workflows, 2)
    await workflows.release(newer, TASKS, now_ms=3)
    await workflows.release(older, TASKS, now_ms=4)
    assert (await workflows.resolve("maths/square"))[0].id == newer.id


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("maths/cube", "has no task 'cube'; its tasks are: add, square"),
        ("physics/square", "no workflow 'physics'"),
        ("square", "write it as workflow/task"),
        ("tsk-000", "no task tsk-000"),
        ("maths/square:9", "no ready version '9'"),
    ],
)
async def test_what_cannot_be_found_is_named(workflows: WorkflowStore, name: str, said: str) -> None:
    await workflows.release((await deployed(workflows))[1], TASKS, now_ms=2)
    with pytest.raises(Unknown, match=said):
        await workflows.resolve(name)


async def test_a_workflow_without_a_ready_version_says_so(workflows: WorkflowStore) -> None:
    await deployed(workflows)
    with pytest.raises(Unknown, match="no ready version yet"):
        await workflows.resolve("maths/square")


async def test_a_deleted_workflow_is_gone(workflows: WorkflowStore) -> None:
    workflow, version = await deployed(workflows)
    await workflows.release(version, TASKS, now_ms=2)
    await workflows.delete(workflow)
    with pytest.raises(Unknown):
        await workflows.resolve("maths/square")
    assert await workflows.workflows() == []
    assert await workflows.versions() == []
