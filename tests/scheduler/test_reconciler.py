"""What a killed orchestrator leaves behind is taken up, concluded or removed by the next one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from orchestrator.core.container.spec import ContainerIdentity, ContainerSpec, Role
from orchestrator.core.runs.events import CancelRequested, Claimed
from orchestrator.core.runs.lifecycle import Decision
from orchestrator.core.runs.run import Run, Status
from orchestrator.engine.fake.process import FakeProcess
from orchestrator.store.lease import LeaseLost
from orchestrator.store.runs.store import RunStore
from tests.scheduler.conftest import IMAGE, Instance, now_ms
from tests.scheduler.scenarios.test_chaining import forever, tree_of, until_leaf_runs
from tests.scheduler.shim_program import Task
from tests.wait import LIMIT_S, wait_until


async def sleeps(process: FakeProcess) -> int:
    await asyncio.Event().wait()
    return 0


async def test_a_running_attempt_is_adopted_and_its_result_counts(fake_instance: Instance) -> None:
    release = asyncio.Event()

    async def slow(task: Task) -> str:
        await release.wait()
        return "finished"

    await fake_instance.register({"slow": slow})
    run_id = await fake_instance.submit("slow")
    await fake_instance.in_status(run_id, Status.RUNNING)
    await fake_instance.crash()
    release.set()
    await fake_instance.start()
    ended = await fake_instance.ended(run_id)
    assert (ended.result, len(ended.run.attempts)) == ('"finished"', 1)


async def test_a_result_sent_while_nobody_listened_is_found(fake_instance: Instance) -> None:
    begun, release, sent = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(task: Task) -> str:
        begun.set()
        await release.wait()
        sent.set()
        return "sent into the void"

    await fake_instance.register({"slow": slow})
    run_id = await fake_instance.submit("slow")
    await asyncio.wait_for(begun.wait(), LIMIT_S)
    await fake_instance.crash()
    release.set()
    await asyncio.wait_for(sent.wait(), LIMIT_S)
    await fake_instance.start()
    assert (await fake_instance.ended(run_id)).result == '"sent into the void"'


async def test_a_child_that_ended_while_nobody_listened_still_wakes_its_parent(fake_instance: Instance) -> None:
    release = asyncio.Event()

    async def child(task: Task) -> int:
        await release.wait()
        return 5

    async def parent(task: Task) -> int:
        (value,) = await task.wait_for(await task.start_child("child"))
        return int(value) + 1

    await fake_instance.register({"child": child, "parent": parent})
    run_id = await fake_instance.submit("parent")

    async def has_two_containers() -> bool:
        return len(await fake_instance.engine.list()) == 2

    await wait_until(has_two_containers, "parent and child")
    await fake_instance.crash()
    release.set()
    await fake_instance.start()
    assert (await fake_instance.ended(run_id)).result == "6"


async def test_a_run_claimed_just_before_the_crash_is_tried_again_and_not_charged(idle_instance: Instance) -> None:
    async def quick(task: Task) -> int:
        return 1

    await idle_instance.register({"quick": quick}, retry={"max_retries": 0})
    run_id = await idle_instance.submit("quick")
    await idle_instance.context.runs.change(run_id, Claimed(now_ms() + 5000), now_ms=now_ms())
    await idle_instance.start()
    run = (await idle_instance.ended(run_id)).run
    assert (run.status, run.charged_failures, run.infra_failures) == (Status.COMPLETED, 0, 1)


async def test_a_container_without_a_run_is_removed(idle_instance: Instance) -> None:
    idle_instance.programs[IMAGE] = sleeps
    identity = ContainerIdentity(idle_instance.context.instance, Role.ATTEMPT, "e" * 32, "trn-gone", 0, 1)
    spec = ContainerSpec(identity.name, IMAGE, (), {}, identity.labels(), 500, 2**29, 10, 2**20, "/", "none")
    await idle_instance.engine.start(await idle_instance.engine.create(spec))
    await idle_instance.start()
    assert await idle_instance.engine.list() == []


async def test_what_a_full_pool_left_is_removed_together(
    idle_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, removing, all_asked = idle_instance.engine, set[str](), asyncio.Event()
    idle_instance.programs[IMAGE] = sleeps
    for number in range(5):
        identity = ContainerIdentity(idle_instance.context.instance, Role.WARM, f"{number:08}{0:024}")
        spec = ContainerSpec(identity.name, IMAGE, (), {}, identity.labels(), 500, 2**29, 10, 2**20, "/", "none")
        await engine.create(spec)
    remove = engine.remove

    async def when_all_are_asked_for(container_id: str) -> None:
        removing.add(container_id)
        if len(removing) == 5:
            all_asked.set()
        await asyncio.wait_for(all_asked.wait(), LIMIT_S)
        await remove(container_id)

    monkeypatch.setattr(engine, "remove", when_all_are_asked_for)
    await idle_instance.start()
    assert await engine.list() == []


async def test_a_cancel_that_only_reached_the_parent_is_finished(fake_instance: Instance) -> None:
    """The process died between storing the parent's end and canceling its children."""

    async def parent(task: Task) -> None:
        await task.wait_for(await task.start_child("forever"))

    await fake_instance.register({"forever": forever, "parent": parent})
    root_id = await fake_instance.submit("parent")
    await until_leaf_runs(fake_instance, root_id)
    await fake_instance.crash()
    await fake_instance.context.runs.change(root_id, CancelRequested("asked"), now_ms=now_ms())
    await fake_instance.start()
    await fake_instance.idle()
    assert await tree_of(fake_instance, root_id) == {"parent": Status.CANCELED, "forever": Status.CANCELED}


async def test_a_container_that_is_adopted_keeps_its_place_on_the_channel(fake_instance: Instance) -> None:
    """Cleaning up after the last process comes first: it must not take the user of a container that runs."""
    release = asyncio.Event()

    async def slow(task: Task) -> str:
        await release.wait()
        return "still heard"

    await fake_instance.register({"slow": slow})
    run_id = await fake_instance.submit("slow")
    await fake_instance.in_status(run_id, Status.RUNNING)
    for _ in range(5):
        await fake_instance.crash()
        await fake_instance.start()
    release.set()
    assert (await fake_instance.ended(run_id)).result == '"still heard"'


async def test_what_a_supervisor_took_and_could_not_store_is_stored_by_the_next(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A supervisor whose lease seems lost lets go of its attempt; should the lease be kept after all, the next sweep adopts it."""
    apply, refused = RunStore.apply, asyncio.Event()

    async def refuse_the_first_result(self: RunStore, before: Run, decision: Decision, **rest: Any) -> bool:
        if decision.run.status is Status.COMPLETED and not refused.is_set():
            refused.set()
            raise LeaseLost("for a moment")
        return await apply(self, before, decision, **rest)

    async def quick(task: Task) -> str:
        return "done"

    monkeypatch.setattr(RunStore, "apply", refuse_the_first_result)
    await fake_instance.register({"quick": quick})
    ended = await fake_instance.ended(await fake_instance.submit("quick"))
    assert refused.is_set()
    assert (ended.run.status, len(ended.run.attempts)) == (Status.COMPLETED, 1)
