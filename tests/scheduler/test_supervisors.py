"""Who looks after which attempts; what one supervisor does is in attempt/."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from orchestrator.core.container.spec import ContainerState
from orchestrator.scheduler.supervisors import Supervisors
from tests.core.sample_runs import a_starting_run
from tests.scheduler.recorder import Stage, settled
from tests.wait import wait_until


class Running:
    """Supervisors that run, on a stage without a world."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.releases = 0
        self.supervisors = Supervisors(self.stage.context, self._release)

    def _release(self) -> None:
        self.releases += 1


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    made = Running()
    task = asyncio.get_running_loop().create_task(made.supervisors.run(), name="supervisors")
    await settled()
    yield made
    task.cancel()
    await asyncio.wait([task])


async def test_a_claimed_run_is_looked_after_and_holds_its_plan(running: Running) -> None:
    run = a_starting_run()
    running.stage.runs.runs[run.id] = run
    with running.supervisors.claiming(run.id) as start:
        start(run)
    await settled()
    supervisors = running.supervisors
    assert (supervisors.supervised(), supervisors.held_ids()) == ({run.id: run.fence}, frozenset({run.id}))
    assert (len(supervisors), len(supervisors.holders()), supervisors.container_ids()) == (1, 1, frozenset({"c1"}))


async def test_a_claim_that_comes_to_nothing_leaves_nothing(running: Running) -> None:
    with running.supervisors.claiming("trn-1"):
        pass
    assert (len(running.supervisors), running.supervisors.supervised()) == (0, {})


async def test_what_an_attempt_held_is_let_go_when_its_container_has_ended(running: Running) -> None:
    run = a_starting_run()
    running.stage.runs.runs[run.id] = run
    with running.supervisors.claiming(run.id) as start:
        start(run)
    await settled()
    running.stage.engine.end.set_result(ContainerState("c1", started_at_ms=1, exit_code=1))

    async def is_over() -> bool:
        return len(running.supervisors) == 0

    await wait_until(is_over, "the supervisor to end")
    assert (running.releases > 0, running.supervisors.holders()) == (True, [])
