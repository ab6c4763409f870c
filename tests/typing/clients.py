"""What a type checker must accept and refuse of clients: each ``type: ignore`` is the assertion that its line is an error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

from orchestrator_sdk import (
    AsyncClient,
    Client,
    LogLine,
    RegisteredTask,
    TaskRun,
    TaskRunDetails,
    Workflow,
    WorkflowVersion,
)


def a_client_answers_with_models(client: Client) -> None:
    assert_type(client.start("workflow/task", [1]), TaskRun)
    assert_type(client.run("workflow/task", {"a": 1}, timeout_s=3), TaskRunDetails)
    assert_type(client.list(task="workflow/task"), Iterator[TaskRun])
    assert_type(client.list(status=["failed"], limit=3), Iterator[TaskRun])
    assert_type(client.get("trn-1"), TaskRunDetails)
    assert_type(client.cancel("trn-1"), None)
    assert_type(client.deploy("name", repo="https://git.test/repo").version, WorkflowVersion)
    assert_type(client.events(["trn-1"]), Iterator[TaskRunDetails])
    assert_type(client.logs("trn-1", follow=True), Iterator[LogLine])


async def an_async_client_answers_with_the_same(client: AsyncClient) -> None:
    assert_type(await client.start("workflow/task", (1, 2)), TaskRun)
    assert_type(await client.run("workflow/task"), TaskRunDetails)
    assert_type(await client.workflow("shop"), Workflow)
    assert_type(client.tasks(workflow="shop"), AsyncIterator[RegisteredTask])
    assert_type(client.logs("trn-1"), AsyncIterator[LogLine])
    async for run in client.list():
        assert_type(run, TaskRun)


def mistakes_are_found(client: Client, run: TaskRun) -> None:
    client.start("workflow/task", 3)  # type: ignore[arg-type]
    client.run("workflow/task", [1], timeout=3)  # type: ignore[call-arg]
    client.get(run)  # type: ignore[arg-type]
    client.list(state="failed")  # type: ignore[call-arg]
    client.workflow()  # type: ignore[call-arg]
    run.status = "completed"  # type: ignore[misc, assignment]
    run.results  # type: ignore[attr-defined]  # noqa: B018
