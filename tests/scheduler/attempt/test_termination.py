"""An attempt that is stopped: SIGTERM, the grace, SIGKILL, and the end of its container."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.core.runs.run import Status
from orchestrator.core.runs.submission import RunLimits
from orchestrator.store.runs.cancel import cancel_tree
from tests.scheduler.conftest import Instance, now_ms
from tests.scheduler.shim_program import Task


async def forever(task: Task) -> None:
    await asyncio.Event().wait()


async def stubborn(task: Task) -> None:
    while True:
        await task.process.signal()


async def test_a_canceled_run_is_canceled_when_its_container_is_gone(fake_instance: Instance) -> None:
    await fake_instance.register({"forever": forever})
    run_id = await fake_instance.submit("forever")
    await fake_instance.in_status(run_id, Status.RUNNING)
    await cancel_tree(fake_instance.context.runs, run_id, "asked", now_ms=now_ms())
    ended = await fake_instance.ended(run_id)
    assert ended.run.status is Status.CANCELED
    assert ended.run.attempts[0].exit_code == 143


async def test_a_process_that_ignores_sigterm_is_killed_after_the_grace(fake_instance: Instance) -> None:
    await fake_instance.register({"stubborn": stubborn})
    run_id = await fake_instance.submit("stubborn")
    await fake_instance.in_status(run_id, Status.RUNNING)
    await cancel_tree(fake_instance.context.runs, run_id, "asked", now_ms=now_ms())
    assert (await fake_instance.ended(run_id)).run.attempts[0].exit_code == 137


async def test_a_kill_that_got_lost_is_sent_again(fake_instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    deliver = fake_instance.engine.signal

    async def lossy(container_id: str, name: str) -> None:
        sent.append(name)
        if sent.count("SIGKILL") != 1:
            await deliver(container_id, name)

    monkeypatch.setattr(fake_instance.engine, "signal", lossy)
    await fake_instance.register({"stubborn": stubborn})
    run_id = await fake_instance.submit("stubborn")
    await fake_instance.in_status(run_id, Status.RUNNING)
    await cancel_tree(fake_instance.context.runs, run_id, "asked", now_ms=now_ms())
    await fake_instance.ended(run_id)
    assert sent == ["SIGTERM", "SIGKILL", "SIGKILL"]


async def test_a_run_past_its_own_deadline_is_stopped_and_not_tried_again(fake_instance: Instance) -> None:
    await fake_instance.register({"forever": forever})
    run_id = await fake_instance.submit("forever", limits=RunLimits(deadline_s=1))
    run = (await fake_instance.ended(run_id)).run
    assert run.failure is not None
    assert "deadline of 1 seconds" in run.failure.message
    assert len(run.attempts) == 1
