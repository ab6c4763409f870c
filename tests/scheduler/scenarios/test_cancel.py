"""A cancel against everything it can race with: it wins or loses at once, and what it won stays canceled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from orchestrator.core.plans import GIB
from orchestrator.core.runs.events import CancelRequested, Claimed
from orchestrator.core.runs.run import Run, Status
from orchestrator.core.scheduling.capacity import Amount
from orchestrator.engine.base import EngineUnavailable
from orchestrator.engine.fake.process import FakeProcess
from orchestrator.store.runs.cancel import cancel_tree
from orchestrator.store.runs.listing import Filter
from tests.scheduler.conftest import IMAGE, Instance, now_ms
from tests.scheduler.scenarios.test_chaining import fail, forever
from tests.scheduler.shim_program import Task, connect, shim_program
from tests.wait import LIMIT_S, wait_until


async def cancel(instance: Instance, run_id: str) -> bool:
    return await cancel_tree(instance.context.runs, run_id, "asked", now_ms=now_ms())


async def tree(instance: Instance, root_id: str) -> list[Run]:
    return await instance.listing.page(Filter(root_ids=frozenset({root_id})), before=None, limit=10_000)


class Gate:
    """Holds a call until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    def before(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def held(*arguments: Any) -> Any:
            self.reached.set()
            await self.opened.wait()
            return await call(*arguments)

        return held


# --- against the start ---


@pytest.mark.parametrize("step", ["create", "start"])
async def test_a_run_canceled_before_its_container_runs_is_never_given_its_task(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    calls: list[str] = []

    async def note(task: Task) -> None:
        calls.append("called")

    gate = Gate()
    monkeypatch.setattr(fake_instance.engine, step, gate.before(getattr(fake_instance.engine, step)))
    await fake_instance.register({"note": note})
    run_id = await fake_instance.submit("note")
    await asyncio.wait_for(gate.reached.wait(), LIMIT_S)
    assert await cancel(fake_instance, run_id)
    gate.opened.set()
    run = (await fake_instance.ended(run_id)).run
    assert (run.status, len(run.attempts), calls) == (Status.CANCELED, 1, [])


async def test_a_run_canceled_while_its_code_is_loaded_is_never_given_its_task(fake_instance: Instance) -> None:
    calls: list[str] = []
    loading, load = asyncio.Event(), asyncio.Event()

    async def note(task: Task) -> None:
        calls.append("called")

    async def slow_to_load(process: Any) -> int:
        loading.set()
        await load.wait()
        return await shim_program({"note": note})(process)

    await fake_instance.register({"note": note})
    fake_instance.programs[IMAGE] = slow_to_load
    run_id = await fake_instance.submit("note")
    await asyncio.wait_for(loading.wait(), LIMIT_S)
    await cancel(fake_instance, run_id)
    load.set()
    assert (await fake_instance.ended(run_id)).run.status is Status.CANCELED
    assert calls == []


# --- against a retry ---


async def test_a_run_canceled_between_its_attempts_has_no_further_one(fake_instance: Instance) -> None:
    await fake_instance.register({"fail": fail}, retry={"max_retries": 3, "wait_duration_ms": 150})
    run_id = await fake_instance.submit("fail")
    await fake_instance.in_status(run_id, Status.BACKOFF)
    assert await cancel(fake_instance, run_id)
    run = await fake_instance.context.runs.get(run_id)
    assert (run.status, len(run.attempts)) == (Status.CANCELED, 1)
    assert await fake_instance.context.runs.next_due_ms() is None
    await fake_instance.idle()
    assert await fake_instance.context.runs.get(run_id) == run


# --- against a crash ---


@pytest.mark.parametrize("has_container", [True, False])
async def test_a_cancel_stored_just_before_a_crash_is_carried_out_by_the_next_process(
    idle_instance: Instance, has_container: bool
) -> None:
    await idle_instance.register({"forever": forever})
    run_id = await idle_instance.submit("forever")
    if has_container:
        await idle_instance.start()
        await idle_instance.in_status(run_id, Status.RUNNING)
        await idle_instance.crash()
    else:
        await idle_instance.context.runs.change(run_id, Claimed(now_ms() + 5_000), now_ms=now_ms())
    await idle_instance.context.runs.change(run_id, CancelRequested("asked"), now_ms=now_ms())
    await idle_instance.start()
    run = (await idle_instance.ended(run_id)).run
    assert (run.status, len(run.attempts)) == (Status.CANCELED, 1)


# --- against a whole tree that grows ---


async def spread(task: Task, depth: int) -> None:
    """Start two more of itself, wait for the first, start two more, and so on for ever."""
    while depth:
        first, other = [await task.start_child("spread", depth - 1) for _ in range(2)]
        other.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        await task.wait_for(first)
    await asyncio.sleep(0.05)


@pytest.mark.parametrize("size", [1, 2, 5, 12, 25])
async def test_canceling_a_tree_that_still_grows_leaves_nothing_of_it(fake_instance: Instance, size: int) -> None:
    await fake_instance.register({"spread": spread})
    root_id = await fake_instance.submit("spread", 5)

    async def has_grown() -> bool:
        return len(await tree(fake_instance, root_id)) >= size

    await wait_until(has_grown, f"{size} runs")
    assert await cancel(fake_instance, root_id)
    assert (await fake_instance.ended(root_id)).run.status is Status.CANCELED
    await fake_instance.idle()
    runs = await tree(fake_instance, root_id)
    assert {run.status for run in runs} <= {Status.CANCELED, Status.COMPLETED}
    assert await fake_instance.context.runs.queue.length() == 0
    assert await fake_instance.context.runs.active() == []

    async def is_swept() -> bool:
        return await fake_instance.context.runs.cascades() == []

    await wait_until(is_swept, "the last cascade")


# --- against those who would rather go on ---


async def reports_for_ever(process: FakeProcess) -> int:
    """Takes SIGTERM as a reason to report a result, again and again, and never ends."""
    async with connect(process) as client:
        task = Task(process, client, {})
        await task.post({"type": "ready", "protocol": 1, "load_ms": 1.0})
        await process.signal()
        while process.exit_code is None:
            await task.post({"type": "result", "value": "not finished yet"})
            await asyncio.sleep(0.05)
    return 0


async def test_no_word_of_the_container_puts_off_its_kill(fake_instance: Instance) -> None:
    await fake_instance.register({"forever": forever})
    fake_instance.programs[IMAGE] = reports_for_ever
    run_id = await fake_instance.submit("forever")
    await fake_instance.in_status(run_id, Status.RUNNING)
    await cancel(fake_instance, run_id)
    run = (await fake_instance.ended(run_id)).run
    assert (run.status, run.attempts[0].exit_code) == (Status.CANCELED, 137)


async def test_sigterm_is_sent_again_when_the_engine_did_not_answer(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task whose cleanup matters gets its signal before its kill, however bad the engine's day is."""
    send, names = fake_instance.engine.signal, []

    async def unreliable(container_id: str, name: str) -> None:
        names.append(name)
        if len(names) == 1:
            raise EngineUnavailable("gone for a moment")
        await send(container_id, name)

    monkeypatch.setattr(fake_instance.engine, "signal", unreliable)
    await fake_instance.register({"forever": forever})
    run_id = await fake_instance.submit("forever")
    await fake_instance.in_status(run_id, Status.RUNNING)
    await cancel(fake_instance, run_id)
    assert (await fake_instance.ended(run_id)).run.attempts[0].exit_code == 143
    assert names == ["SIGTERM", "SIGTERM"]


async def test_cancels_at_every_moment_of_a_life_win_or_lose_for_good(idle_instance: Instance) -> None:
    async def short(task: Task) -> str:
        await asyncio.sleep(0.02)
        return "done"

    idle_instance.capacity = Amount(2_000, 2 * GIB)
    await idle_instance.register({"short": short})
    first, *run_ids, last = [await idle_instance.submit("short") for _ in range(62)]
    assert await cancel(idle_instance, last)

    async def cancel_later(run_id: str, delay_s: float) -> bool:
        await asyncio.sleep(delay_s)
        return await cancel(idle_instance, run_id)

    await idle_instance.start()
    won = await asyncio.gather(*[cancel_later(run_id, 0.6 - index * 0.01) for index, run_id in enumerate(run_ids)])
    runs = [(await idle_instance.ended(run_id)).run for run_id in run_ids]
    assert [run.status is Status.CANCELED for run in runs] == won
    assert not await cancel(idle_instance, (await idle_instance.ended(first)).run.id)
    await idle_instance.idle()
    after = await idle_instance.context.runs.get_many(run_ids)
    assert [(run.status, run.fence) for run in after] == [(run.status, run.fence) for run in runs]
    assert await idle_instance.context.runs.active() == []
