"""Containers started ahead, and what dies, fails or lasts too long around them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.core.container.spec import LABEL_ROLE, ContainerSpec, ContainerState, Role
from orchestrator.core.plans import PLANS
from orchestrator.core.runs.run import Status
from orchestrator.core.workflow import Workflow
from orchestrator.engine.base import EngineError
from orchestrator.engine.fake.process import FakeProcess
from orchestrator.scheduler import pool
from orchestrator.scheduler.dispatcher import DispatchPolicy
from orchestrator_runtime import wire
from tests.scheduler.conftest import IMAGE, QUICK, Instance
from tests.scheduler.shim_program import Task, connect
from tests.scheduler.warm import LIMITS, run, until_ready, warm_containers, where
from tests.wait import LIMIT_S, wait_until


async def test_a_run_that_was_given_one_survives_a_crash_with_it(warm_instance: Instance) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow(task: Task) -> str:
        begun.set()
        await release.wait()
        return await where(task)

    await warm_instance.register({"where": where, "slow": slow})
    await run(warm_instance)
    await until_ready(warm_instance)
    run_id = await warm_instance.submit("slow")
    await asyncio.wait_for(begun.wait(), LIMIT_S)
    await warm_instance.crash()
    await warm_instance.start()
    release.set()
    ended = await warm_instance.ended(run_id)
    assert (ended.result, len(ended.run.attempts)) == (f'"{Role.WARM}"', 1)


async def test_a_claim_whose_container_was_not_assigned_yet_is_taken_up_by_the_next_process(
    warm_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(warm_instance)
    await until_ready(warm_instance)
    assert warm_instance.dispatcher is not None
    stopped = asyncio.Event()

    async def never(*_: object, **__: object) -> None:
        stopped.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(warm_instance.context.channel, "send", never)
    run_id = await warm_instance.submit("where")
    await asyncio.wait_for(stopped.wait(), LIMIT_S)
    await warm_instance.crash()
    await warm_instance.start()
    ended = await warm_instance.ended(run_id)
    assert (ended.result, len(ended.run.attempts)) == (f'"{Role.WARM}"', 1)


async def test_what_a_killed_process_left_without_a_run_is_removed_by_the_next(
    warm_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(warm_instance)
    await until_ready(warm_instance, 2)
    left = {state.id for state in await warm_containers(warm_instance)}

    async def refuses(container_id: str) -> None:
        raise EngineError("the process was killed before it could")

    with monkeypatch.context() as killed:
        killed.setattr(warm_instance.engine, "remove", refuses)
        await warm_instance.crash()
    assert {state.id for state in await warm_containers(warm_instance)} == left
    await warm_instance.start()
    assert left.isdisjoint({state.id for state in await warm_containers(warm_instance)})


async def test_one_that_dies_while_it_waits_costs_nobody_a_run(warm_instance: Instance) -> None:
    await run(warm_instance)
    await until_ready(warm_instance, 2)
    for state in await warm_containers(warm_instance):
        await warm_instance.engine.signal(state.id, "SIGKILL")
    ended, result = await run(warm_instance)
    assert (ended.status, ended.charged_failures, result is not None) == (Status.COMPLETED, 0, True)


async def test_one_that_dies_during_a_claim_that_fails_is_given_to_nobody_else(warm_instance: Instance) -> None:
    ended, _ = await run(warm_instance)
    await until_ready(warm_instance)
    assert warm_instance.dispatcher is not None
    waiting = warm_instance.dispatcher.pool
    kind = await waiting.kind(ended.version_id, ended.task_id)
    with waiting.taking(kind, ended.created_at_ms) as place:
        assert place.state is not None
        await warm_instance.engine.signal(place.state.id, "SIGKILL")
        watch = f"watch warm container {place.state.id[:12]}"

        async def is_noticed() -> bool:
            return watch not in {task.get_name() for task in asyncio.all_tasks()}

        await wait_until(is_noticed, "its end to be noticed")

    async def is_let_go() -> bool:
        return place.channel_id not in waiting.channel_ids()

    await wait_until(is_let_go, "the dead container to wait for nobody", timeout_s=10)


async def test_code_that_does_not_load_is_not_started_ahead_again_and_again(warm_instance: Instance) -> None:
    await run(warm_instance)
    await until_ready(warm_instance, 2)
    starts = 0

    async def broken(process: FakeProcess) -> int:
        nonlocal starts
        starts += 1
        return 1

    warm_instance.programs[IMAGE] = broken
    for _ in range(3):
        await warm_instance.ended(await warm_instance.submit("where"))
    await warm_instance.idle()
    assert starts <= 3 * 2 + 1, "two attempts a run, and one start ahead"


@pytest.mark.parametrize("step", ["start", "wait", "inspect"])
async def test_a_start_that_a_crash_cuts_short_at_any_step_leaves_nothing(
    idle_instance: Instance, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    idle_instance.policy = DispatchPolicy(pool=LIMITS)
    await idle_instance.register({"where": where}, warm_min=1)
    engine, reached = idle_instance.engine, asyncio.Event()
    real = getattr(engine, step)

    async def is_the_last(*given: Any) -> None:
        if step == "start":
            await real(*given)
        reached.set()
        await asyncio.Event().wait()

    async def refuses(container_id: str) -> None:
        raise EngineError("the process was killed before it could")

    with monkeypatch.context() as killed:
        killed.setattr(engine, step, is_the_last)
        killed.setattr(engine, "remove", refuses)
        await idle_instance.start()
        await asyncio.wait_for(reached.wait(), LIMIT_S)
        await idle_instance.crash()
    left = {state.id for state in await engine.list()}
    await idle_instance.start()
    await until_ready(idle_instance)
    assert left.isdisjoint({state.id for state in await engine.list()})


async def test_an_engine_that_starts_none_is_left_alone_for_a_while(
    warm_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(warm_instance)
    await until_ready(warm_instance)
    asked = 0
    create = warm_instance.engine.create

    async def refuses(spec: ContainerSpec) -> str:
        nonlocal asked
        if spec.labels[LABEL_ROLE] != Role.WARM:
            return await create(spec)
        asked += 1
        raise EngineError("there is no room")

    monkeypatch.setattr(warm_instance.engine, "create", refuses)
    await run(warm_instance)

    async def has_refused() -> bool:
        return asked > 0

    await wait_until(has_refused, "it was asked")
    await warm_instance.idle()
    asked_at_first = asked  # all that were wanted at once
    for _ in range(3):
        await run(warm_instance)
    await warm_instance.idle()
    assert asked == asked_at_first


async def test_one_that_takes_long_to_be_created_is_not_taken_for_an_orphan(
    idle_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle_instance.policy = DispatchPolicy(pool=LIMITS)
    await idle_instance.register({"where": where}, warm_min=1)
    engine, sweeps, swept = idle_instance.engine, 0, asyncio.Event()
    create, listed = engine.create, engine.list

    async def answers_late(spec: ContainerSpec) -> str:
        created = await create(spec)
        await asyncio.wait_for(swept.wait(), LIMIT_S)
        return created

    async def counted() -> list[ContainerState]:
        nonlocal sweeps
        found = await listed()
        sweeps += bool(found)
        if sweeps > 2:
            swept.set()
        return found

    monkeypatch.setattr(engine, "create", answers_late)
    monkeypatch.setattr(engine, "list", counted)
    await idle_instance.start()
    await until_ready(idle_instance)
    assert sweeps > 2


async def test_code_that_ends_while_it_waits_is_not_started_ahead_again_and_again(warm_instance: Instance) -> None:
    starts = 0
    serve = warm_instance.programs[IMAGE]

    async def ends_soon(process: FakeProcess) -> int:
        nonlocal starts
        if process.spec.labels[LABEL_ROLE] != Role.WARM:
            return await serve(process)
        starts += 1
        async with connect(process) as client:
            ready = json.dumps({"type": "ready", "protocol": 1, "load_ms": 1.0})
            await client.xadd(process.spec.env[wire.ENV_STREAM_OUT], {wire.FRAME_FIELD: ready})
        return 7

    warm_instance.programs[IMAGE] = ends_soon
    for _ in range(6):
        await run(warm_instance)
        await warm_instance.idle()
    assert starts == 1


async def test_one_that_is_removed_while_it_loads_does_not_condemn_its_version(
    warm_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_PAUSE_S", 0.0)
    serve, was_removed = warm_instance.programs[IMAGE], asyncio.Event()

    async def loads_slowly_once(process: FakeProcess) -> int:
        if process.spec.labels[LABEL_ROLE] == Role.WARM and not was_removed.is_set():
            was_removed.set()
            await asyncio.Event().wait()
        return await serve(process)

    warm_instance.programs[IMAGE] = loads_slowly_once
    await run(warm_instance)
    await asyncio.wait_for(was_removed.wait(), LIMIT_S)
    for state in await warm_containers(warm_instance):
        await warm_instance.engine.remove(state.id)
    await until_ready(warm_instance)


async def test_code_that_loads_slowly_does_not_keep_others_from_being_started_ahead(
    idle_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "TURN_MS", 0)
    monkeypatch.setattr(pool, "_LOOK_S", 0.05)
    idle_instance.policy = DispatchPolicy(pool=LIMITS)
    await idle_instance.register(
        {"slow": where, "where": where}, {"slow": {"options": {**QUICK, "plan": "pro", "warm_min": 1}}}, warm_min=1
    )
    serve = idle_instance.programs[IMAGE]

    async def is_slow_if_pro(process: FakeProcess) -> int:
        if process.spec.memory_bytes == PLANS["pro"].memory_bytes:
            await asyncio.Event().wait()
        return await serve(process)

    idle_instance.programs[IMAGE] = is_slow_if_pro
    await idle_instance.start()
    await until_ready(idle_instance)


async def test_a_workflow_that_is_deleted_while_it_is_looked_at_does_not_end_the_pool(
    warm_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflows = warm_instance.context.workflows
    listed, gone = workflows.workflows, []

    async def with_one_deleted_meanwhile() -> list[Workflow]:
        found = await listed()
        gone.append(True)
        return [replace(found[0], id="wfl-gone", version_id="wfv-gone"), *found]

    monkeypatch.setattr(workflows, "workflows", with_one_deleted_meanwhile)
    await warm_instance.register({"where": where})
    await run(warm_instance)

    async def was_looked_at() -> bool:
        return bool(gone)

    await wait_until(was_looked_at, "the pool to look at a workflow that is gone")
    await run(warm_instance)
    await until_ready(warm_instance)
