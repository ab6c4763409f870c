"""What is paused waits; what runs goes on."""

from __future__ import annotations

import asyncio

from orchestrator.core.runs.run import Status
from orchestrator.store.control.pauses import Pauses
from tests.scheduler.conftest import Instance
from tests.scheduler.shim_program import Task
from tests.wait import wait_until


async def one(task: Task) -> int:
    return 1


def task_id(instance: Instance, name: str) -> str:
    assert instance.version is not None
    spec = instance.version.task(name)
    assert spec is not None
    return spec.id


async def test_runs_of_a_paused_task_wait_while_others_go_on(fake_instance: Instance) -> None:
    await fake_instance.register({"one": one, "other": one})
    pauses = Pauses(fake_instance.store)
    await pauses.pause(task_id(fake_instance, "one"), "", now_ms=1)
    waiting = await fake_instance.submit("one")
    assert (await fake_instance.ended(await fake_instance.submit("other"))).result == "1"
    assert (await fake_instance.context.runs.get(waiting)).status is Status.QUEUED
    await pauses.resume(task_id(fake_instance, "one"))
    assert (await fake_instance.ended(waiting)).result == "1"


async def test_a_pause_survives_a_restart(fake_instance: Instance) -> None:
    await fake_instance.register({"one": one})
    assert fake_instance.version is not None
    pauses = Pauses(fake_instance.store)
    await pauses.pause(fake_instance.version.workflow_id, "", now_ms=1)
    waiting = await fake_instance.submit("one")
    await fake_instance.crash()
    await fake_instance.start()
    other = await fake_instance.submit("one")
    assert {run.status for run in await fake_instance.context.runs.get_many([waiting, other])} == {Status.QUEUED}
    await pauses.resume(fake_instance.version.workflow_id)
    assert (await fake_instance.ended(waiting)).result == (await fake_instance.ended(other)).result == "1"


async def test_what_runs_when_its_workflow_is_paused_goes_on_and_its_children_wait(fake_instance: Instance) -> None:
    go, runs = asyncio.Event(), asyncio.Event()

    async def held(task: Task) -> int:
        runs.set()
        await go.wait()
        return sum(await task.wait_for(await task.start_child("one")))

    await fake_instance.register({"held": held, "one": one})
    assert fake_instance.version is not None
    run_id = await fake_instance.submit("held")
    await runs.wait()
    pauses = Pauses(fake_instance.store)
    await pauses.pause(fake_instance.version.workflow_id, "", now_ms=1)
    go.set()

    async def is_asked_for() -> bool:
        return bool(await fake_instance.context.runs.children(run_id))

    await wait_until(is_asked_for, "the child")
    (child_id,) = (await fake_instance.context.runs.children(run_id)).values()
    assert [run.status for run in await fake_instance.context.runs.get_many([run_id, child_id])] == [
        Status.RUNNING,
        Status.QUEUED,
    ]
    await pauses.resume(fake_instance.version.workflow_id)
    assert (await fake_instance.ended(run_id)).result == "1"
