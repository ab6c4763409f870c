"""Queued runs: started when there is room, and ended when there is none for too long."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from orchestrator.core.plans import GIB
from orchestrator.core.runs.run import FailureClass, Status
from orchestrator.core.runs.submission import RunLimits
from orchestrator.core.scheduling.capacity import Amount, Holder
from orchestrator.core.scheduling.dispatch import QueuedRun
from orchestrator.engine.fake.process import FakeProcess
from orchestrator.scheduler import dispatcher
from orchestrator.scheduler.context import Limits
from orchestrator.scheduler.dispatcher import Dispatcher, DispatchPolicy
from orchestrator.store.runs.cancel import cancel_tree
from orchestrator_runtime.process import ending
from tests.core.sample_runs import a_run
from tests.scheduler.conftest import IMAGE, Instance, now_ms
from tests.scheduler.recorder import Stage
from tests.scheduler.shim_program import Task, shim_program
from tests.wait import wait_until


async def forever(task: Task) -> None:
    await asyncio.Event().wait()


async def quick(task: Task) -> str:
    return "done"


async def busy(instance: Instance) -> str:
    """Fill the host with one run."""
    instance.capacity = Amount(500, GIB // 2)
    await instance.start()
    await instance.register({"forever": forever})
    run_id = await instance.submit("forever")
    await instance.in_status(run_id, Status.RUNNING)
    return run_id


async def test_a_run_that_waits_too_long_for_capacity_fails_without_an_attempt(idle_instance: Instance) -> None:
    occupant = await busy(idle_instance)
    run = (await idle_instance.ended(await idle_instance.submit("forever", limits=RunLimits(queue_ttl_s=1)))).run
    assert (run.status, run.attempts) == (Status.FAILED, ())
    assert run.failure is not None
    assert run.failure.cls is FailureClass.TIMEOUT
    await cancel_tree(idle_instance.context.runs, occupant, "enough", now_ms=now_ms())


async def test_a_run_that_waits_says_what_for(idle_instance: Instance) -> None:
    occupant = await busy(idle_instance)
    waiting = await idle_instance.submit("forever")
    queue = idle_instance.context.runs.queue

    async def is_said() -> bool:
        (run,) = await queue.explained([await idle_instance.context.runs.get(waiting)], now_ms())
        return run.waits_for == "512 MiB of 512 MiB of memory are reserved"

    await wait_until(is_said, "the reason")
    for run_id in (waiting, occupant):
        await cancel_tree(idle_instance.context.runs, run_id, "enough", now_ms=now_ms())


async def test_an_expired_run_leaves_neither_queue_entry_nor_timer(idle_instance: Instance) -> None:
    occupant = await busy(idle_instance)
    await idle_instance.ended(await idle_instance.submit("forever", limits=RunLimits(deadline_s=1)))
    assert await idle_instance.context.runs.queue.length() == 0
    assert await idle_instance.context.runs.next_due_ms() is None
    await cancel_tree(idle_instance.context.runs, occupant, "enough", now_ms=now_ms())


async def test_nothing_starts_while_the_disk_is_too_full_and_all_goes_on_when_it_is_not(
    idle_instance: Instance, caplog: pytest.LogCaptureFixture
) -> None:
    async def has_looked() -> bool:
        return "no run starts while the disk is this full" in caplog.text

    await idle_instance.register({"quick": quick})
    idle_instance.free_disk_bytes = -1
    run_id = await idle_instance.submit("quick")
    await idle_instance.start()
    await wait_until(has_looked, "the dispatcher to look at the queue")
    assert (await idle_instance.context.runs.get(run_id)).status is Status.QUEUED
    idle_instance.free_disk_bytes = 0
    await idle_instance.submit("quick")  # to have it look at once
    assert (await idle_instance.ended(run_id)).run.status is Status.COMPLETED


async def test_nothing_is_claimed_while_the_engine_does_not_answer(fake_instance: Instance) -> None:
    await fake_instance.register({"quick": quick})
    fake_instance.engine.is_answering = False
    run_id = await fake_instance.submit("quick")
    await seen_by_dispatcher(fake_instance)
    assert (await fake_instance.context.runs.get(run_id)).status is Status.QUEUED
    fake_instance.engine.is_answering = True
    run = (await fake_instance.ended(run_id)).run
    assert (run.status, run.infra_failures) == (Status.COMPLETED, 0)


@pytest.mark.parametrize("status", Status)
async def test_it_looks_again_only_when_something_may_start(status: Status) -> None:
    """An attempt's own way from its claim to its end is told by its supervisor, when it lets go of what it holds."""
    stage = Stage()
    dispatching = asyncio.get_running_loop().create_task(
        Dispatcher(stage.context, Amount(8_000, GIB)).run(), name="dispatcher"
    )
    assert await stage.sent() == ["store.queue.head", "store.next_due_ms"]
    stage.feed.tell(a_run(status=status))
    matters = status in (Status.QUEUED, Status.BACKOFF, Status.CANCELED)
    assert await stage.sent() == (["store.queue.head", "store.next_due_ms"] if matters else [])
    dispatching.cancel()


@pytest.mark.parametrize(
    ("gather_s", "looks", "sent"),
    [
        (0.0, 0, ["store.queue.head", "store.next_due_ms"]),
        (3600.0, 0, []),
        pytest.param(0.0, 10**12, [], id="a look takes long"),
    ],
)
async def test_runs_that_come_while_others_wait_are_looked_at_together_a_moment_later(
    monkeypatch: pytest.MonkeyPatch, gather_s: float, looks: int, sent: list[str]
) -> None:
    monkeypatch.setattr(dispatcher, "_GATHER_S", gather_s)
    monkeypatch.setattr(dispatcher, "_GATHER_LOOKS", looks)
    monkeypatch.setattr(dispatcher, "_GATHER_MOST_S", 3600.0)
    stage = Stage()
    stage.runs.queue.waiting.append(QueuedRun("trn-1", "starter"))  # type: ignore[attr-defined]
    dispatching = asyncio.create_task(Dispatcher(stage.context, Amount(8_000, GIB), lambda: -1).run())
    await stage.sent()
    for _ in range(10):
        stage.feed.tell(a_run(status=Status.QUEUED))
    assert await stage.sent() == sent
    dispatching.cancel()


async def test_the_queue_is_not_read_while_no_further_container_may_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "_GATHER_S", 0.0)
    monkeypatch.setattr(dispatcher, "_GATHER_LOOKS", 0)
    stage = Stage()
    one = Dispatcher(stage.context, Amount(8_000, GIB), policy=DispatchPolicy(parallel_starts=1))
    starting = [Holder("starter", is_starting=True)]
    monkeypatch.setattr(one.supervisors, "holders", lambda: starting)
    dispatching = asyncio.create_task(one.run())
    assert await stage.sent() == ["store.next_due_ms"]
    starting.clear()
    stage.feed.tell(a_run(status=Status.QUEUED))
    assert await stage.sent() == ["store.queue.head", "store.next_due_ms"]
    dispatching.cancel()


async def seen_by_dispatcher(instance: Instance) -> None:
    """Return once it has tried to start what is queued, and could not."""
    pings = 0
    ping = instance.engine.ping

    async def counted() -> None:
        nonlocal pings
        pings += 1
        await ping()

    async def tried() -> bool:
        return pings > 1

    instance.engine.ping = counted  # type: ignore[method-assign]
    await wait_until(tried, "the dispatcher to ask the engine")


async def test_a_retry_waits_until_the_process_of_the_attempt_before_has_ended(idle_instance: Instance) -> None:
    """However long that would live on: it is killed when its time to end is over."""
    living, most = 0, 0

    async def fails(task: Task) -> None:
        raise ValueError("boom")

    async def lives_on(process: FakeProcess) -> int:
        nonlocal living, most
        living += 1
        most = max(most, living)
        try:
            await shim_program({"fails": fails})(process)
            await asyncio.Event().wait()
        finally:
            living -= 1
        return 0

    limits = replace(idle_instance.context.limits, exit_timeout_s=0.2)
    idle_instance.context = replace(idle_instance.context, limits=limits)
    await idle_instance.register({"fails": fails}, retry={"max_retries": 2, "wait_duration_ms": 0})
    idle_instance.programs[IMAGE] = lives_on
    await idle_instance.start()
    run = (await idle_instance.ended(await idle_instance.submit("fails"))).run
    assert (len(run.attempts), most) == (3, 1)


def test_nobody_is_killed_while_the_shim_gives_user_code_its_time() -> None:
    assert Limits().exit_timeout_s > 2 * ending.GRACE_S
