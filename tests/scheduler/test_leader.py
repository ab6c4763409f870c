"""A term as leader ends with the lease, and the next one, ours or another's, carries on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from orchestrator.core.container.spec import ContainerState
from orchestrator.core.runs.run import Status
from orchestrator.scheduler.context import Context
from orchestrator.scheduler.dispatcher import Dispatcher
from orchestrator.scheduler.leader import Job, LeaderElection
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.lease import Lease
from orchestrator.store.runs.cancel import cancel_tree
from orchestrator.store.runs.store import RunStore
from tests.scheduler.conftest import Instance
from tests.scheduler.shim_program import Task
from tests.wait import wait_until

LEASE_S = 1.0


@contextlib.asynccontextmanager
async def leading(instance: Instance, store: Client) -> AsyncIterator[list[str]]:
    """An orchestrator that schedules when it may; the roles it had so far."""
    roles: list[str] = []
    lease = Lease(store, "ours", lease_s=LEASE_S)

    def term() -> Context:
        return replace(
            instance.context, runs=RunStore(store, lease), channel=instance.new_channel(), check_lease=lease.check
        )

    def dispatcher(context: Context) -> Dispatcher:
        instance.dispatcher = Dispatcher(context, instance.capacity)
        return instance.dispatcher

    def jobs(context: Context) -> Iterator[Job]:
        yield from ()

    election = LeaderElection(lease, term, dispatcher, jobs, roles.append)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(instance.context.feed.run()), group.create_task(election.run())]
        await election.has_role.wait()
        yield roles
        for task in reversed(tasks):
            task.cancel()
            await asyncio.wait([task])


async def until_role(roles: list[str], expected: str) -> None:
    async def is_it() -> bool:
        return roles[-1] == expected

    await wait_until(is_it, expected)


async def test_a_lost_lease_ends_scheduling_and_its_return_adopts_what_runs(
    idle_instance: Instance, store: Client
) -> None:
    release = asyncio.Event()

    async def slow(task: Task) -> str:
        await release.wait()
        return "finished"

    await idle_instance.register({"slow": slow})
    async with leading(idle_instance, store) as roles:
        run_id = await idle_instance.submit("slow")
        await idle_instance.in_status(run_id, Status.RUNNING)
        await store.hset(keys.LEASE, mapping={"owner": "theirs", "token": 1000})
        await until_role(roles, "standing by: theirs schedules")
        assert idle_instance.dispatcher is not None
        assert len(idle_instance.dispatcher.supervisors) == 0
        queued_id = await idle_instance.submit("slow")
        release.set()
        await store.hdel(keys.LEASE, "owner")
        for each in (run_id, queued_id):
            ended = await idle_instance.ended(each)
            assert (ended.result, len(ended.run.attempts)) == ('"finished"', 1)
        await idle_instance.idle()


async def test_a_stop_right_after_the_end_of_a_run_leaves_no_container(
    idle_instance: Instance, store: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def quick(task: Task) -> int:
        return 1

    remove = idle_instance.engine.remove

    async def remove_as_slowly_as_docker(container_id: str) -> None:
        await asyncio.sleep(0.1)
        await remove(container_id)

    monkeypatch.setattr(idle_instance.engine, "remove", remove_as_slowly_as_docker)
    await idle_instance.register({"quick": quick})
    async with leading(idle_instance, store) as roles:
        await until_role(roles, "scheduling")
        await idle_instance.ended(await idle_instance.submit("quick"))
    assert await idle_instance.engine.list() == []


async def test_a_container_that_ends_while_we_stop_is_still_heard(
    idle_instance: Instance, store: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def quick(task: Task) -> int:
        return 1

    wait = idle_instance.engine.wait

    async def wait_as_slowly_as_docker(container_id: str) -> ContainerState | None:
        state = await wait(container_id)
        await asyncio.sleep(0.1)
        return state

    monkeypatch.setattr(idle_instance.engine, "wait", wait_as_slowly_as_docker)
    await idle_instance.register({"quick": quick})
    async with leading(idle_instance, store) as roles:
        await until_role(roles, "scheduling")
        await idle_instance.ended(await idle_instance.submit("quick"))
    assert "a bug in the orchestrator" not in caplog.text
    assert await idle_instance.engine.list() == []


async def test_nothing_is_claimed_with_a_token_that_another_has_outdone(idle_instance: Instance, store: Client) -> None:
    """The store refuses it, also before the holder has noticed."""

    async def quick(task: Task) -> str:
        return "done"

    await idle_instance.register({"quick": quick})
    async with leading(idle_instance, store) as roles:
        await store.hset(keys.LEASE, mapping={"owner": "theirs", "token": 1000})
        run_id = await idle_instance.submit("quick")
        await until_role(roles, "standing by: theirs schedules")
        assert (await idle_instance.context.runs.get(run_id)).attempts == ()
    await cancel_tree(idle_instance.context.runs, run_id, "the test is over", now_ms=idle_instance.context.now_ms())


async def test_an_engine_that_is_away_at_the_first_look_is_waited_for(idle_instance: Instance, store: Client) -> None:
    async def quick(task: Task) -> str:
        return "done"

    await idle_instance.register({"quick": quick})
    run_id = await idle_instance.submit("quick")
    idle_instance.engine.is_answering = False
    asyncio.get_running_loop().call_later(0.5, setattr, idle_instance.engine, "is_answering", True)
    async with leading(idle_instance, store):
        assert (await idle_instance.ended(run_id)).result == '"done"'
        await idle_instance.idle()


async def test_a_bug_in_a_part_ends_the_process_loudly(
    idle_instance: Instance, store: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def bug(self: Dispatcher) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Dispatcher, "run", bug)
    with pytest.raises(ExceptionGroup) as failed:
        async with leading(idle_instance, store):
            await asyncio.Event().wait()
    assert failed.group_contains(ZeroDivisionError)
