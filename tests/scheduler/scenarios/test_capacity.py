"""Capacity in the whole scheduler: kept at every start, learned again after a crash, and enough for any number of runs."""

from __future__ import annotations

import pytest

from orchestrator.core.plans import MIB
from orchestrator.core.run import Status
from orchestrator.core.scheduling.capacity import Amount
from tests.effort import times
from tests.scheduler.conftest import Instance
from tests.scheduler.scenarios.test_chaining import countdown, square, sum_squares
from tests.starts import watch_starts
from tests.wait import wait_until

ONE_STARTER = Amount(500, 512 * MIB)
WIDTH = times(200)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each start kept to the capacity."""
    return watch_starts(monkeypatch, ONE_STARTER)


async def test_a_chain_finishes_where_only_one_container_fits(idle_instance: Instance, starts: list[bool]) -> None:
    idle_instance.capacity = ONE_STARTER
    await idle_instance.register({"countdown": countdown})
    await idle_instance.start()
    assert (await idle_instance.ended(await idle_instance.submit("countdown", 30))).result == "30"
    assert starts == [True] * 31


async def test_a_fan_out_finishes_where_only_one_container_fits(idle_instance: Instance, starts: list[bool]) -> None:
    idle_instance.capacity = ONE_STARTER
    await idle_instance.register({"square": square, "sum_squares": sum_squares})
    await idle_instance.start()
    ended = await idle_instance.ended(await idle_instance.submit("sum_squares", *range(WIDTH)))
    assert ended.result == str(sum(number**2 for number in range(WIDTH)))
    assert starts == [True] * (WIDTH + 1)


async def test_hundreds_of_runs_submitted_at_once_finish_with_their_own_results(idle_instance: Instance) -> None:
    idle_instance.capacity = Amount(2_000, 2_048 * MIB)
    await idle_instance.register({"square": square})
    await idle_instance.start()
    run_ids = [await idle_instance.submit("square", number) for number in range(times(500))]
    results = [(await idle_instance.ended(run_id)).result for run_id in run_ids]
    assert results == [str(number**2) for number in range(times(500))]
    runs = [await idle_instance.context.runs.get(run_id) for run_id in run_ids]
    assert {len(run.attempts) for run in runs} == {1}


async def test_a_parent_that_waits_gives_its_place_to_its_child_also_after_a_crash(idle_instance: Instance) -> None:
    """Whoever adopts it must learn that it waits, or the only place is taken for ever."""
    idle_instance.capacity = ONE_STARTER
    await idle_instance.register({"countdown": countdown})
    await idle_instance.start()
    run_id = await idle_instance.submit("countdown", 6)

    async def three_wait() -> bool:
        return len(await idle_instance.engine.list()) >= 4

    await wait_until(three_wait, "a chain of containers")
    for _ in range(3):
        await idle_instance.crash()
        await idle_instance.start()
    ended = await idle_instance.ended(run_id)
    assert (ended.run.status, ended.result) == (Status.COMPLETED, "6")
