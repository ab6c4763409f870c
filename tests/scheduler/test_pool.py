"""Containers started ahead: each serves one attempt, none is lost, and none harms a run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from orchestrator.core.container.spec import Role, Usage
from orchestrator.scheduler.dispatcher import DispatchPolicy
from orchestrator.store.control.pauses import Pauses
from tests.scheduler.conftest import QUICK, Instance
from tests.scheduler.shim_program import Task
from tests.scheduler.warm import LIMITS, run, until_ready, warm_containers, where
from tests.wait import wait_until


async def test_the_first_run_makes_its_own_container_and_the_next_finds_one_ready(warm_instance: Instance) -> None:
    first, second = (await run(warm_instance))[1], None
    await until_ready(warm_instance)
    ended, second = await run(warm_instance)
    assert (first, second) == (f'"{Role.ATTEMPT}"', f'"{Role.WARM}"')
    assert (ended.attempts[0].forensics.is_warm, ended.attempts[0].forensics.ready_at_ms is not None) == (True, True)


async def test_each_container_serves_one_attempt_and_is_gone_afterwards(warm_instance: Instance) -> None:
    await run(warm_instance)
    seen = set()
    for _ in range(4):
        await until_ready(warm_instance)
        ended, _ = await run(warm_instance)
        seen.add(ended.attempts[0].channel_id)
        await warm_instance.idle()
    assert len(seen) == 4
    assert seen.isdisjoint({state.channel_id for state in await warm_containers(warm_instance)})


async def reach(task: Task) -> list[str]:
    """The places its container may reach, and the network it is on."""
    return [*task.process.spec.reach, task.process.spec.network]


async def test_one_that_may_reach_other_places_is_for_other_tasks(idle_instance: Instance) -> None:
    idle_instance.policy = DispatchPolicy(pool=LIMITS)
    only = {"cut": {"options": {**QUICK, "network": "none"}}, "narrow": {"options": {**QUICK, "network": ["db.lan"]}}}
    await idle_instance.register({"wide": reach, "cut": reach, "narrow": reach}, only)
    await idle_instance.start()
    for _ in range(2):
        for task, places in (("wide", ["internet"]), ("cut", []), ("narrow", ["db.lan"])):
            ended = await idle_instance.ended(await idle_instance.submit(task))
            assert json.loads(ended.result or "") == [*places, "none"]
        await until_ready(idle_instance, 3)


async def test_runs_that_come_at_once_never_share_one(warm_instance: Instance) -> None:
    await run(warm_instance)
    await until_ready(warm_instance, 2)
    run_ids = [await warm_instance.submit("where") for _ in range(6)]
    channels = [(await warm_instance.ended(run_id)).run.attempts[0].channel_id for run_id in run_ids]
    assert len(set(channels)) == 6


async def test_a_process_that_stops_leaves_none_behind(warm_instance: Instance) -> None:
    await run(warm_instance)
    await until_ready(warm_instance)
    await warm_instance.idle()
    await warm_instance.crash()
    assert await warm_instance.engine.list() == []


async def test_a_new_version_drains_the_one_before(warm_instance: Instance) -> None:
    await run(warm_instance)
    await until_ready(warm_instance, 2)
    before = {state.id for state in await warm_containers(warm_instance)}
    await warm_instance.register({"where": where})
    await run(warm_instance)

    async def are_gone() -> bool:
        return before.isdisjoint({state.id for state in await warm_containers(warm_instance)})

    await wait_until(are_gone, "the containers of the version before to be gone")


async def test_it_gives_its_memory_to_runs_that_need_it(
    warm_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(warm_instance)
    await until_ready(warm_instance)
    assert warm_instance.dispatcher is not None

    async def used(container_id: str) -> Usage:
        return Usage(memory_bytes=1024, pids=1)

    monkeypatch.setattr(warm_instance.engine, "usage", used)
    warm_instance.dispatcher.capacity = replace(warm_instance.dispatcher.capacity, memory_bytes=0)
    await warm_instance.submit("where")

    async def are_gone() -> bool:
        return not await warm_containers(warm_instance)

    await wait_until(are_gone, "the pool to yield")


async def test_it_counts_who_found_one_ready_and_who_did_not(warm_instance: Instance) -> None:
    await run(warm_instance)
    await until_ready(warm_instance)
    await run(warm_instance)
    assert warm_instance.dispatcher is not None
    assert (warm_instance.dispatcher.pool.hits, warm_instance.dispatcher.pool.misses) == (1, 1)


async def test_a_task_that_wants_none_has_none(warm_instance: Instance) -> None:
    await warm_instance.register({"where": where}, warm="off")
    assert (await run(warm_instance))[1] == f'"{Role.ATTEMPT}"'
    assert warm_instance.dispatcher is not None
    assert (warm_instance.dispatcher.pool.hits, warm_instance.dispatcher.pool.misses) == (0, 0)


async def test_a_minimum_waits_before_anybody_asks(idle_instance: Instance) -> None:
    idle_instance.policy = DispatchPolicy(pool=LIMITS)
    await idle_instance.register({"where": where}, warm_min=2)
    await idle_instance.start()
    await until_ready(idle_instance, 2)
    assert (await run(idle_instance))[1] == f'"{Role.WARM}"'


@pytest.mark.parametrize("what", ["workflow", "task"])
async def test_nothing_waits_for_runs_of_what_is_paused(idle_instance: Instance, what: str) -> None:
    instance = idle_instance
    instance.policy = DispatchPolicy(pool=LIMITS)
    await instance.register({"where": where}, warm_min=1)
    await instance.start()
    await until_ready(instance)
    assert instance.version is not None
    of = instance.version.workflow_id if what == "workflow" else instance.version.tasks[0].id
    pauses = Pauses(instance.store)
    await pauses.pause(of, "", now_ms=1)
    await instance.submit("where")  # wakes the dispatcher, which reads what is paused

    async def is_empty() -> bool:
        return not await warm_containers(instance)

    await wait_until(is_empty, "the pool to let go")
    await pauses.resume(of)
    await until_ready(instance)
