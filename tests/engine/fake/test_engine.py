"""The fake engine's switches, and what it does with programs; the rest of it is under the contract."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from orchestrator.core.container.spec import ContainerDefaults, ContainerIdentity, ContainerSpec, Role, compile_spec
from orchestrator.core.plans import MIB, Plan
from orchestrator.engine.base import EngineError, EngineUnavailable
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.engine.fake.process import FakeProcess, Program


async def idle(process: FakeProcess) -> int:
    await asyncio.Event().wait()
    return 0


async def crash(process: FakeProcess) -> int:
    raise LookupError("nothing here")


@pytest.fixture
def programs() -> dict[str, Program]:
    return {"idle": idle, "crash": crash}


@pytest.fixture
def engine(fake_engine: FakeEngine) -> FakeEngine:
    return fake_engine


def spec(instance: str, image: str = "idle") -> ContainerSpec:
    identity = ContainerIdentity(instance, Role.ATTEMPT, secrets.token_hex(8))
    return compile_spec(identity, image, Plan("tiny", 500, 64 * MIB), {}, ContainerDefaults("none", (), ("run",), "/"))


async def started(engine: FakeEngine, instance: str, image: str = "idle") -> str:
    container_id = await engine.create(spec(instance, image))
    await engine.start(container_id)
    return container_id


async def test_the_next_create_fails_once_and_creates_nothing(engine: FakeEngine, instance: str) -> None:
    engine.fail_next_create(EngineError("disk full"))
    wanted = spec(instance)
    with pytest.raises(EngineError, match="disk full"):
        await engine.create(wanted)
    assert await engine.list() == []
    assert await engine.create(wanted)


async def test_the_next_start_fails_once_and_inspect_shows_why(engine: FakeEngine, instance: str) -> None:
    engine.fail_next_start(EngineError("no such network"))
    container_id = await engine.create(spec(instance))
    with pytest.raises(EngineError, match="no such network"):
        await engine.start(container_id)
    state = await engine.inspect(container_id)
    assert state is not None
    assert (state.error, state.has_exited) == ("no such network", False)
    await engine.start(container_id)


async def test_a_lost_exit_event_costs_one_sweep(instance: str, programs: dict[str, Program]) -> None:
    engine = FakeEngine(instance, programs, sweep_s=0.05)
    container_id = await started(engine, instance)
    waiting = asyncio.create_task(engine.wait(container_id))
    await asyncio.sleep(0)
    engine.lose_exit_events = True
    await engine.signal(container_id, "SIGKILL")
    assert (await asyncio.wait([waiting], timeout=0.01))[1]
    state = await waiting
    assert state is not None
    assert state.exit_code == 137
    await engine.close()


async def test_an_engine_that_does_not_answer_refuses_every_call(engine: FakeEngine, instance: str) -> None:
    container_id = await started(engine, instance)
    engine.is_answering = False
    for call in (
        engine.info(),
        engine.ping(),
        engine.create(spec(instance)),
        engine.start(container_id),
        engine.signal(container_id, "SIGTERM"),
        engine.inspect(container_id),
        engine.remove(container_id),
        engine.list(),
        engine.usage(container_id),
    ):
        with pytest.raises(EngineUnavailable):
            await call
    with pytest.raises(EngineUnavailable):
        _ = [batch async for batch in engine.logs(container_id, follow=True)]
    engine.is_answering = True
    assert [state.running for state in await engine.list()] == [True]


async def test_wait_outlasts_an_engine_that_does_not_answer(instance: str, programs: dict[str, Program]) -> None:
    engine = FakeEngine(instance, programs, sweep_s=0.01)
    container_id = await started(engine, instance)
    waiting = asyncio.create_task(engine.wait(container_id))
    await engine.signal(container_id, "SIGKILL")
    engine.is_answering = False
    assert (await asyncio.wait([waiting], timeout=0.05))[1]
    engine.is_answering = True
    assert await waiting == await engine.inspect(container_id)
    await engine.close()


async def test_a_vanished_container_is_gone_for_everybody(engine: FakeEngine, instance: str) -> None:
    container_id = await started(engine, instance)
    waiting = asyncio.create_task(engine.wait(container_id))
    await asyncio.sleep(0)
    engine.vanish(container_id)
    assert await waiting is None
    assert await engine.inspect(container_id) is None


async def test_an_exception_is_exit_code_1_and_a_traceback(engine: FakeEngine, instance: str) -> None:
    container_id = await started(engine, instance, "crash")
    state = await engine.wait(container_id)
    assert state is not None
    assert state.exit_code == 1
    lines = [line async for batch in engine.logs(container_id, follow=False) for line in batch]
    assert {line.stream for line in lines} == {"stderr"}
    assert lines[-1].message == "LookupError: nothing here"


async def test_what_a_killed_program_prints_on_its_way_out_is_lost(
    engine: FakeEngine, instance: str, programs: dict[str, Program]
) -> None:
    async def stubborn(process: FakeProcess) -> int:
        try:
            await asyncio.Event().wait()
        finally:
            process.print("too late")
        return 0

    programs["stubborn"] = stubborn
    container_id = await started(engine, instance, "stubborn")
    await asyncio.sleep(0)
    await engine.signal(container_id, "SIGKILL")
    assert [batch async for batch in engine.logs(container_id, follow=True)] == []


async def test_memory_is_summed_up_to_the_cap(engine: FakeEngine, instance: str, programs: dict[str, Program]) -> None:
    async def grow(process: FakeProcess) -> int:
        process.allocate(40 * MIB)
        process.print("fits")
        process.allocate(40 * MIB)
        return 0

    programs["grow"] = grow
    container_id = await started(engine, instance, "grow")
    state = await engine.wait(container_id)
    assert state is not None
    assert (state.exit_code, state.oom_killed) == (137, True)
    assert [line.message async for batch in engine.logs(container_id, follow=False) for line in batch] == ["fits"]


async def test_close_ends_the_programs(engine: FakeEngine, instance: str) -> None:
    await started(engine, instance)
    before = asyncio.all_tasks()
    await engine.close()
    assert {task.get_name().split()[0] for task in before - asyncio.all_tasks()} == {"fake"}
