"""The engine's contract, sentence by sentence, for every engine.

Each scenario is written twice, as a shell script and as a coroutine for the fake engine, and the tests cannot tell which one runs.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from orchestrator.core.container.spec import (
    Usage,
)
from orchestrator.core.plans import MIB
from orchestrator.engine.base import BuildFailed, EngineError, ImageMissing
from tests.contract.conftest import TINY, UNKNOWN, Host
from tests.wait import LIMIT_S


async def test_info_tells_what_the_engine_runs_on(host: Host) -> None:
    info = await host.engine.info()
    assert info.cpu_millis >= 1000
    assert info.memory_bytes >= 512 * MIB
    assert info.name


async def test_a_created_container_has_not_run(host: Host) -> None:
    container_id = await host.created("greet")
    state = await host.engine.inspect(container_id)
    assert state is not None
    assert (state.running, state.started_at_ms, state.exit_code, state.has_exited) == (False, None, None, False)


async def test_creating_the_same_container_again_adopts_it(host: Host) -> None:
    spec = host.spec("sleep")
    host.made.append(await host.engine.create(spec))
    await host.engine.start(host.made[0])
    assert await host.engine.create(spec) == host.made[0]
    assert [state.id for state in await host.engine.list()] == host.made


async def test_a_name_taken_by_another_container_is_not_adopted(host: Host) -> None:
    spec = host.spec("greet")
    host.made.append(await host.engine.create(spec))
    other = dataclasses.replace(host.spec("greet"), name=spec.name)
    with pytest.raises(EngineError, match=spec.name):
        await host.engine.create(other)


async def test_a_container_without_the_instances_label_is_refused(host: Host) -> None:
    with pytest.raises(ValueError, match="label"):
        await host.engine.create(dataclasses.replace(host.spec("greet"), labels={}))


async def test_a_missing_image_is_told_apart(host: Host) -> None:
    with pytest.raises(ImageMissing, match="deploy"):
        await host.engine.create(dataclasses.replace(host.spec("greet"), image="no-such-image:ever"))


async def test_a_running_container_says_since_when_and_keeps_its_labels(host: Host) -> None:
    spec = host.spec("sleep")
    host.made.append(await host.engine.create(spec))
    await host.engine.start(host.made[0])
    state = await host.engine.inspect(host.made[0])
    assert state is not None
    assert (state.running, state.exit_code) == (True, None)
    assert state.started_at_ms is not None
    assert dict(spec.labels).items() <= dict(state.labels).items()


async def test_starting_a_running_container_does_nothing(host: Host) -> None:
    container_id = await host.ready("sleep")
    before = await host.engine.inspect(container_id)
    await host.engine.start(container_id)
    assert await host.engine.inspect(container_id) == before


async def test_starting_an_ended_container_does_not_run_it_twice(host: Host) -> None:
    state = await host.ended("greet")
    await host.engine.start(state.id)
    assert await host.engine.inspect(state.id) == state


async def test_starting_an_unknown_container_fails(host: Host) -> None:
    with pytest.raises(EngineError, match=UNKNOWN):
        await host.engine.start(UNKNOWN)


@pytest.mark.parametrize(("scenario", "exit_code"), [("greet", 0), ("exit 3", 3), ("count", 137)])
async def test_wait_returns_the_exit_code(host: Host, scenario: str, exit_code: int) -> None:
    state = await host.ended(scenario)
    assert state.has_exited
    assert state.exit_code == exit_code
    assert not state.oom_killed


async def test_wait_lasts_until_the_end(host: Host) -> None:
    container_id = await host.ready("sleep")
    waiting = asyncio.create_task(host.end_of(container_id))
    assert (await asyncio.wait([waiting], timeout=0.1))[1]
    await host.engine.signal(container_id, "SIGTERM")
    assert (await waiting).exit_code == 143


async def test_wait_after_the_end_returns_at_once(host: Host) -> None:
    state = await host.ended("exit 3")
    assert await host.end_of(state.id) == state


async def test_many_may_wait_for_one_container(host: Host) -> None:
    container_id = await host.ready("sleep")
    waiting = [asyncio.create_task(host.end_of(container_id)) for _ in range(3)]
    await host.engine.signal(container_id, "SIGKILL")
    assert {state.exit_code for state in await asyncio.gather(*waiting)} == {137}


async def test_wait_ends_with_none_when_the_container_is_removed(host: Host) -> None:
    container_id = await host.ready("sleep")
    waiting = asyncio.create_task(host.engine.wait(container_id))
    await asyncio.wait([waiting], timeout=0.05)
    await host.engine.remove(container_id)
    async with asyncio.timeout(LIMIT_S):
        state = await waiting
    assert state is None or state.exit_code == 137
    assert await host.engine.wait(container_id) is None


async def test_a_program_may_handle_a_signal(host: Host) -> None:
    container_id = await host.ready("say goodbye")
    await host.engine.signal(container_id, "SIGTERM")
    assert (await host.end_of(container_id)).exit_code == 7
    assert [line.message for line in await host.printed(container_id)] == ["ready", "goodbye after SIGTERM"]


async def test_sigkill_ends_what_ignores_other_signals(host: Host) -> None:
    container_id = await host.ready("ignore signals")
    await host.engine.signal(container_id, "SIGTERM")
    await host.engine.signal(container_id, "SIGINT")
    state = await host.engine.inspect(container_id)
    assert state is not None
    assert state.running
    await host.engine.signal(container_id, "SIGKILL")
    assert (await host.end_of(container_id)).exit_code == 137


async def test_a_signal_to_what_does_not_run_does_nothing(host: Host) -> None:
    await host.engine.signal(UNKNOWN, "SIGTERM")
    await host.engine.signal(await host.created("sleep"), "SIGTERM")
    state = await host.ended("greet")
    await host.engine.signal(state.id, "SIGKILL")
    assert await host.engine.inspect(state.id) == state


async def test_too_much_memory_is_told_apart_from_other_kills(host: Host) -> None:
    state = await host.ended("use too much")
    assert (state.exit_code, state.oom_killed) == (137, True)
    assert [line.message for line in await host.printed(state.id)] == ["greedy"]


async def test_usage_is_what_the_processes_hold(host: Host) -> None:
    used = await host.engine.usage(await host.ready("use 32 MiB"))
    assert 32 * MIB <= used.memory_bytes < TINY.memory_bytes
    assert 1 <= used.pids < 20


async def test_usage_is_nothing_when_nothing_runs(host: Host) -> None:
    assert await host.engine.usage(UNKNOWN) == Usage()
    assert await host.engine.usage(await host.created("sleep")) == Usage()
    assert await host.engine.usage((await host.ended("greet")).id) == Usage()


@pytest.mark.parametrize("when", ["created", "ready", "ended"])
async def test_a_container_can_be_removed_in_every_state(host: Host, when: str) -> None:
    container_id = await host.created("sleep")
    if when != "created":
        await host.engine.start(container_id)
    if when == "ended":
        await host.engine.signal(container_id, "SIGKILL")
        await host.end_of(container_id)
    await host.engine.remove(container_id)
    assert await host.engine.inspect(container_id) is None
    assert await host.engine.list() == []


async def test_removing_again_or_nothing_is_fine(host: Host) -> None:
    container_id = await host.ready("sleep")
    await asyncio.gather(*(host.engine.remove(container_id) for _ in range(4)))
    assert await host.engine.inspect(container_id) is None
    await host.engine.remove(container_id)
    await host.engine.remove(UNKNOWN)
    assert await host.engine.inspect(UNKNOWN) is None


async def test_list_shows_all_states_as_inspect_does(host: Host) -> None:
    created, running = await host.created("greet"), await host.ready("sleep")
    ended = (await host.ended("exit 3")).id
    for _ in range(2):
        states = {state.id: state for state in await host.engine.list()}
        assert states == {each: await host.engine.inspect(each) for each in (created, running, ended)}
    await host.engine.signal(running, "SIGKILL")
    await host.end_of(running)
    states = {state.id: state for state in await host.engine.list()}
    assert states[running].exit_code == 137


async def test_containers_do_not_disturb_each_other(host: Host) -> None:
    states = await asyncio.gather(*(host.ended(scenario) for scenario in ("greet", "exit 3", "count", "exit 3")))
    assert [state.exit_code for state in states] == [0, 3, 137, 3]


async def test_all_together_have_a_limit_below_their_own_caps(host: Host) -> None:
    if why_not := await host.engine.confine(24 * MIB):
        pytest.skip(f"not on this host: {why_not}")
    assert (await host.ended("exit 3")).exit_code == 3
    assert host.engine.shortages() == 0
    state = await host.ended("use 32 MiB")
    assert (state.exit_code, state.oom_killed) == (137, True)
    assert host.engine.shortages() >= 1


@pytest.fixture
async def image(host: Host, docker_client: Any) -> str:
    """The id of an image that is there."""
    return str(docker_client.inspect_image(host.base_image)["Id"]) if host.base_image else "greet"


async def test_an_image_is_kept_until_it_is_released(host: Host, image: str) -> None:
    await host.engine.keep_image(image)
    await host.engine.keep_image(image)
    assert await host.engine.kept_images() == {image}
    await host.engine.release_image(image)
    await host.engine.release_image(image)
    assert await host.engine.kept_images() == frozenset()


async def test_an_image_says_what_it_starts(host: Host, image: str) -> None:
    found = await host.engine.image_config(image)
    assert found.id == image
    assert not found.has_volumes


async def test_a_name_that_no_image_has_is_forgotten_already(host: Host) -> None:
    await host.engine.forget_image(f"orchestrator-app:{UNKNOWN[:24]}")
    with pytest.raises(ImageMissing):
        await host.engine.image_config(f"orchestrator-app:{UNKNOWN[:24]}")


async def _quietly(line: str) -> None:
    """Logs nowhere."""


async def test_what_nobody_pushed_cannot_be_pulled(host: Host) -> None:
    with pytest.raises(BuildFailed, match="cannot be pulled"):
        await host.engine.pull_image(f"127.0.0.1:1/jobs@sha256:{UNKNOWN}", _quietly)


async def test_an_image_that_is_not_there_cannot_be_kept(host: Host) -> None:
    with pytest.raises(ImageMissing):
        await host.engine.keep_image(f"sha256:{UNKNOWN}")
    await host.engine.release_image(f"sha256:{UNKNOWN}")
