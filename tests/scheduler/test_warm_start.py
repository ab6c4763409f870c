"""One container, started before there is a run for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from orchestrator.core.container.spec import LABEL_ROLE, LABEL_RUN, Role
from orchestrator.core.scheduling.pool import Kind
from orchestrator.engine.fake.process import FakeProcess
from orchestrator.scheduler.warm_start import WarmStart
from orchestrator_runtime import wire
from tests.scheduler.conftest import IMAGE, Instance
from tests.scheduler.shim_program import Task
from tests.wait import LIMIT_S


@pytest.fixture
async def instance(idle_instance: Instance) -> AsyncIterator[Instance]:
    """An instance that hears its containers and does nothing else: no sweep removes what no run was given."""
    reading = asyncio.get_running_loop().create_task(idle_instance.context.channel.run(), name="channel")
    yield idle_instance
    reading.cancel()
    await asyncio.wait([reading])


async def nothing(task: Task) -> None:
    """Never called: the container is not given a run."""


def kind_of(instance: Instance) -> Kind:
    assert instance.version is not None
    return Kind(instance.version.id, "starter")


async def test_it_is_ready_with_the_codes_variables_and_nothing_of_a_run(instance: Instance) -> None:
    await instance.register({"nothing": nothing})
    created: list[str] = []
    made = WarmStart(instance.context, "c" * 32, kind_of(instance), created.append)
    state = await made.run()
    assert state is not None
    assert (created, state.labels[LABEL_ROLE], state.labels[LABEL_RUN]) == ([state.id], Role.WARM, "")
    assert (state.running, state.channel_id) == (True, "c" * 32)
    frames = instance.context.channel.subscribe("c" * 32)
    assert isinstance((await asyncio.wait_for(frames.get(), LIMIT_S)).frame, wire.Ready)
    await instance.engine.remove(state.id)
    await instance.context.channel.close("c" * 32)


async def test_code_that_does_not_load_gives_none(instance: Instance) -> None:
    async def broken(process: FakeProcess) -> int:
        return 1

    await instance.register({"nothing": nothing})
    instance.programs[IMAGE] = broken
    made = WarmStart(instance.context, "d" * 32, kind_of(instance), lambda container_id: None)
    assert await made.run() is None
    await instance.engine.remove(made.container_id)
    await instance.context.channel.close("d" * 32)
