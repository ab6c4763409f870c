"""What an operation does to each run, and what a crash in between leads to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Status
from orchestrator.scheduler import operations as module
from orchestrator.scheduler.operations import OperationRunner
from orchestrator.store.control.operations import Operation, Operations
from orchestrator.store.runs.listing import Filter
from tests.scheduler.conftest import Instance, now_ms
from tests.scheduler.shim_program import Task

CANCEL = Operation("", "cancel", "{}", 5, 0)
RERUN = Operation("", "rerun", "{}", 5, 0)


async def one(task: Task) -> int:
    return 1


@pytest.fixture
async def instance(idle_instance: Instance) -> Instance:
    """One that schedules nothing."""
    await idle_instance.register({"one": one})
    return idle_instance


async def ended(instance: Instance, count: int) -> list[str]:
    found = [await instance.submit("one") for _ in range(count)]
    for run_id in found:
        await instance.context.runs.change(run_id, ev.CancelRequested("no"), now_ms=now_ms())
    return found


async def reruns(instance: Instance) -> list[str]:
    runs = await instance.listing.page(Filter(), before=None, limit=100)
    return sorted(filter(None, (run.rerun_of for run in runs)))


async def until_idle(runner: OperationRunner) -> None:
    while await runner.step():
        pass


async def test_a_cancel_reaches_every_run_and_those_that_ended_meanwhile_do_no_harm(instance: Instance) -> None:
    operations = Operations(instance.store)
    runs = [await instance.submit("one") for _ in range(3)] + await ended(instance, 1)
    begun = await operations.begin(CANCEL, [*runs, "trn-00000000000000000000"], now_ms=5)
    await until_idle(OperationRunner(instance.context, operations))
    assert {run.status for run in await instance.context.runs.get_many(runs)} == {Status.CANCELED}
    done = await operations.get(begun.id)
    assert (done.status, done.done, done.failed) == ("completed", 4, 1)
    assert done.error == "there is no run trn-00000000000000000000"


async def test_a_rerun_makes_a_run_of_each(instance: Instance) -> None:
    operations = Operations(instance.store)
    runs = await ended(instance, 3)
    await operations.begin(RERUN, runs, now_ms=5)
    await until_idle(OperationRunner(instance.context, operations))
    assert await reruns(instance) == sorted(runs)


async def test_a_run_is_done_again_once_though_a_crash_came_before_it_was_counted(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = Operations(instance.store)
    runs = await ended(instance, 4)
    begun = await operations.begin(RERUN, runs, now_ms=5)

    async def crash(operation: Operation, *, error: str | None = None) -> Operation | None:
        if operation.position == 2:
            raise ConnectionError("killed")
        return await Operations(instance.store).advance(operation, error=error)

    monkeypatch.setattr(operations, "advance", crash)
    with pytest.raises(ConnectionError):
        await OperationRunner(instance.context, operations).step()
    assert len(await reruns(instance)) == 3
    await until_idle(OperationRunner(instance.context, Operations(instance.store)))
    assert await reruns(instance) == sorted(runs)
    assert (await operations.get(begun.id)).done == 4


async def test_one_that_is_stopped_leaves_the_others_alone(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STEP", 2)
    operations = Operations(instance.store)
    begun = await operations.begin(RERUN, await ended(instance, 4), now_ms=5)
    runner = OperationRunner(instance.context, operations)
    assert await runner.step()
    await operations.end(begun.id, "stopped", now_ms=9)
    assert not await runner.step()
    assert len(await reruns(instance)) == 2


async def test_what_cannot_be_done_again_is_told_and_the_rest_goes_on(instance: Instance) -> None:
    operations = Operations(instance.store)
    gone, kept = await ended(instance, 2)
    run = await instance.context.runs.get(gone)
    assert instance.version is not None
    away = replace(
        run, id="trn-000000000000000000gg", version_id="wfv-00000000000000000000", root_id="trn-000000000000000000gg"
    )
    await instance.context.runs.create(away, "[]")
    begun = await operations.begin(RERUN, [away.id, kept], now_ms=5)
    await until_idle(OperationRunner(instance.context, operations))
    found = await operations.get(begun.id)
    assert (found.done, found.failed) == (1, 1)
    assert "its version wfv-00000000000000000000 was removed" in found.error


async def test_while_there_is_no_room_nothing_is_made_and_cancels_go_on(instance: Instance) -> None:
    operations = Operations(instance.store)
    await operations.begin(RERUN, await ended(instance, 1), now_ms=5)
    assert not await OperationRunner(instance.context, operations, lambda: "the disk is full").step()
    assert await reruns(instance) == []
    assert await OperationRunner(instance.context, operations).step()
