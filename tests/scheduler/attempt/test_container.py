"""An attempt's container, on the fake engine: what becomes of the attempt when it cannot start, is removed, or ends."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.core.plans import MIB
from orchestrator.core.runs.run import FailureClass, Status
from orchestrator.engine.base import EngineError, ImageMissing
from orchestrator.scheduler.attempt import container
from orchestrator.store import keys
from orchestrator.store.logs import Cursor
from orchestrator.store.runs.cancel import cancel_tree
from tests.scheduler.conftest import IMAGE, Instance, now_ms
from tests.scheduler.shim_program import Task
from tests.wait import wait_until


async def square(task: Task, number: int) -> int:
    task.process.print(f"squaring {number}")
    return number**2


async def forever(task: Task) -> None:
    await asyncio.Event().wait()


async def test_what_a_restart_of_the_engine_kills_is_tried_again_at_our_expense(fake_instance: Instance) -> None:
    async def survive(task: Task) -> str:
        if task.attempt == 0:
            fake_instance.engine.restart()
            await asyncio.Event().wait()
        return "alive"

    await fake_instance.register({"survive": survive}, retry={"max_retries": 0})
    run = (await fake_instance.ended(await fake_instance.submit("survive"))).run
    assert run.status is Status.COMPLETED
    assert (run.infra_failures, run.charged_failures) == (1, 0)
    assert run.attempts[0].failure is not None
    assert run.attempts[0].failure.cls is FailureClass.INFRA
    assert run.attempts[0].exit_code == 137


async def test_an_attempt_keeps_what_its_container_used_and_when(fake_instance: Instance) -> None:
    async def use(task: Task) -> str:
        task.process.allocate(32 * MIB)
        return "used"

    await fake_instance.register({"use": use})
    run = (await fake_instance.ended(await fake_instance.submit("use"))).run
    attempt, found = run.attempts[0], run.attempts[0].forensics
    assert found.image == IMAGE
    assert (found.measured.peak_memory_bytes, found.memory_limit_bytes) == (32 * MIB, 512 * MIB)
    moments = (attempt.claimed_at_ms, found.created_at_ms, found.container_started_at_ms, found.ready_at_ms)
    assert None not in moments
    assert sorted(moments, key=lambda moment: moment or 0) == list(moments)


async def test_a_process_out_of_memory_is_told_from_one_that_was_killed(fake_instance: Instance) -> None:
    async def hog(task: Task) -> None:
        task.process.allocate(2**40)

    await fake_instance.register({"hog": hog}, retry={"max_retries": 0})
    run = (await fake_instance.ended(await fake_instance.submit("hog"))).run
    assert run.failure is not None
    assert run.failure.cls is FailureClass.OOM


async def test_a_container_that_cannot_start_is_our_failure_and_the_run_is_tried_again(fake_instance: Instance) -> None:
    await fake_instance.register({"square": square})
    fake_instance.engine.fail_next_start(EngineError("no space left"))
    run = (await fake_instance.ended(await fake_instance.submit("square", 2))).run
    assert run.status is Status.COMPLETED
    assert [attempt.failure.cls if attempt.failure else None for attempt in run.attempts] == [FailureClass.INFRA, None]
    assert run.charged_failures == 0


async def test_a_missing_image_is_nobodys_failure(fake_instance: Instance) -> None:
    await fake_instance.register({"square": square})
    fake_instance.engine.fail_next_create(ImageMissing("gone"))
    run = (await fake_instance.ended(await fake_instance.submit("square", 2))).run
    assert (run.infra_failures, len(run.attempts)) == (0, 1)


async def test_a_container_somebody_removed_is_noticed(fake_instance: Instance) -> None:
    await fake_instance.register({"forever": forever})
    run_id = await fake_instance.submit("forever")
    await fake_instance.in_status(run_id, Status.RUNNING)
    fake_instance.engine.vanish((await fake_instance.engine.list())[0].id)
    run = await fake_instance.in_status(run_id, Status.BACKOFF)
    assert run.infra_failures == 1
    await cancel_tree(fake_instance.context.runs, run_id, "enough", now_ms=now_ms())


async def test_a_log_is_followed_from_soon_after_the_code_was_loaded(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk(task: Task) -> None:
        task.process.print("working")
        await asyncio.Event().wait()

    monkeypatch.setattr(container, "_LOADING_S", 3_600.0)
    monkeypatch.setattr(container, "_LOG_HEAD_START_S", 0.0)
    await fake_instance.register({"talk": talk})
    run_id = await fake_instance.submit("talk")

    async def is_stored() -> bool:
        return bool((await fake_instance.context.logs.read(keys.run_logs(run_id, 0), Cursor(), limit=1)).lines)

    await wait_until(is_stored, "the line of a task that goes on")
    await cancel_tree(fake_instance.context.runs, run_id, "enough", now_ms=now_ms())


async def test_the_log_of_a_container_that_ends_soon_is_asked_for_once(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[bool] = []
    logs = fake_instance.engine.logs

    def noted(container_id: str, *, since_ns: int = 0, follow: bool) -> object:
        followed.append(follow)
        return logs(container_id, since_ns=since_ns, follow=follow)

    monkeypatch.setattr(container, "_LOADING_S", 3_600.0)
    monkeypatch.setattr(container, "_LOG_HEAD_START_S", 3_600.0)
    monkeypatch.setattr(fake_instance.engine, "logs", noted)
    await fake_instance.register({"square": square})
    assert (await fake_instance.ended(await fake_instance.submit("square", 2))).run.status is Status.COMPLETED

    async def is_read() -> bool:
        return bool(followed)

    await wait_until(is_read, "the log is asked for")
    assert followed == [False]
