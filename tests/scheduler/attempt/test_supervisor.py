"""An attempt from its claim to the end of its container, on the fake engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence

import pytest

from orchestrator.core.logs import LogLine
from orchestrator.core.plans import MIB
from orchestrator.core.runs.run import FailureClass, Status
from orchestrator.core.runs.submission import RunLimits
from orchestrator.engine.base import EngineError, ImageMissing
from orchestrator.scheduler.attempt.children import ChildDesk
from orchestrator.store import keys
from orchestrator.store.logs import Cursor
from orchestrator.store.runs.cancel import cancel_tree
from tests.scheduler.conftest import IMAGE, Instance, now_ms
from tests.scheduler.shim_program import Task


async def square(task: Task, number: int) -> int:
    task.process.print(f"squaring {number}")
    return number**2


async def fail(task: Task) -> None:
    raise ValueError(f"attempt {task.attempt}")


async def forever(task: Task) -> None:
    await asyncio.Event().wait()


async def stubborn(task: Task) -> None:
    while True:
        await task.process.signal()


async def test_a_run_completes_with_its_result_and_its_container_is_gone(fake_instance: Instance) -> None:
    await fake_instance.register({"square": square})
    ended = await fake_instance.ended(await fake_instance.submit("square", 7))
    assert (ended.run.status, ended.result) == (Status.COMPLETED, "49")
    await fake_instance.idle()


async def test_what_a_run_printed_is_kept_and_marked_complete(fake_instance: Instance) -> None:
    await fake_instance.register({"square": square})
    run_id = await fake_instance.submit("square", 7)
    await fake_instance.ended(run_id)
    await fake_instance.idle()
    page = await fake_instance.context.logs.read(keys.run_logs(run_id, 0), Cursor(), limit=10)
    assert [line.message for _, line in page.lines] == ["squaring 7"]
    assert page.is_end


async def test_a_failing_run_is_tried_again_in_a_new_container_until_its_retries_are_used_up(
    fake_instance: Instance,
) -> None:
    await fake_instance.register({"fail": fail})
    run = (await fake_instance.ended(await fake_instance.submit("fail"))).run
    assert run.status is Status.FAILED
    assert [attempt.failure.message for attempt in run.attempts if attempt.failure] == ["attempt 0", "attempt 1"]


async def test_a_process_that_ends_without_an_outcome_fails_the_attempt(fake_instance: Instance) -> None:
    async def leave(task: Task) -> None:
        task.process.end(7)
        await asyncio.Event().wait()

    await fake_instance.register({"leave": leave}, retry={"max_retries": 0})
    run = (await fake_instance.ended(await fake_instance.submit("leave"))).run
    assert run.failure is not None
    assert run.failure.cls is FailureClass.EXIT
    assert run.attempts[0].exit_code == 7


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


async def test_an_outcome_sent_just_before_the_process_dies_counts(fake_instance: Instance) -> None:
    async def last_words(task: Task) -> None:
        await task.post({"type": "result", "value": "made it"})
        task.process.end(137)

    await fake_instance.register({"last_words": last_words})
    ended = await fake_instance.ended(await fake_instance.submit("last_words"))
    assert ended.result == '"made it"'


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


async def test_a_run_canceled_while_it_is_queued_never_gets_a_container(idle_instance: Instance) -> None:
    await idle_instance.register({"forever": forever})
    run_id = await idle_instance.submit("forever")
    await cancel_tree(idle_instance.context.runs, run_id, "asked", now_ms=now_ms())
    await idle_instance.start()
    run = await idle_instance.context.runs.get(run_id)
    assert (run.status, run.attempts) == (Status.CANCELED, ())


async def test_a_start_that_takes_too_long_ends_as_a_timeout(fake_instance: Instance) -> None:
    await fake_instance.register({"square": square}, retry={"max_retries": 0})

    async def never_ready(process: object) -> int:
        await asyncio.Event().wait()
        return 0

    fake_instance.programs["sha256:fake"] = never_ready
    run = (await fake_instance.ended(await fake_instance.submit("square", 1))).run
    assert run.failure is not None
    assert run.failure.cls is FailureClass.TIMEOUT


async def test_tampering_with_the_protocol_fails_the_run_at_once(fake_instance: Instance) -> None:
    async def tamper(task: Task) -> None:
        await task.post({"type": "assign"})
        await asyncio.Event().wait()

    await fake_instance.register({"tamper": tamper})
    run = (await fake_instance.ended(await fake_instance.submit("tamper"))).run
    assert run.failure is not None
    assert run.failure.cls is FailureClass.VIOLATION
    assert len(run.attempts) == 1


async def test_a_dead_containers_run_is_over_even_while_its_log_cannot_be_read(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = asyncio.Event()

    async def stuck(container_id: str, *, since_ns: int = 0, follow: bool) -> AsyncGenerator[Sequence[LogLine], None]:
        await released.wait()
        return
        yield

    async def leave(task: Task) -> None:
        task.process.end(7)
        await asyncio.Event().wait()

    monkeypatch.setattr(fake_instance.engine, "logs", stuck)
    await fake_instance.register({"leave": leave}, retry={"max_retries": 0})
    run = (await fake_instance.ended(await fake_instance.submit("leave"))).run
    assert run.status is Status.FAILED
    assert len(await fake_instance.engine.list()) == 1, "it stays until its log was read, or given up"
    released.set()


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


async def test_a_file_name_that_is_no_unicode_is_input_argument_result_and_error(fake_instance: Instance) -> None:
    name = os.fsdecode(b"caf\xe9.txt")

    async def echo(task: Task, given: str) -> str:
        return given

    async def pass_on(task: Task, given: str) -> list[object]:
        return await task.wait_for(await task.start_child("echo", given))

    async def fail_with(task: Task, given: str) -> None:
        raise ValueError(given)

    await fake_instance.register({"echo": echo, "pass_on": pass_on, "fail_with": fail_with}, retry={"max_retries": 0})
    ended = await fake_instance.ended(await fake_instance.submit("pass_on", name))
    assert (ended.run.status, ended.result) == (Status.COMPLETED, '["caf\\udce9.txt"]')
    failed = await fake_instance.ended(await fake_instance.submit("fail_with", name))
    assert failed.run.failure is not None
    assert (failed.run.failure.type, failed.run.failure.message) == ("ValueError", "caf\\udce9.txt")


async def test_an_error_of_ours_over_what_a_task_sent_ends_the_run_and_repeats_nothing(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []

    async def work(task: Task) -> object:
        attempts.append(task.attempt)
        return await task.wait_for(await task.start_child("work"))

    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    await fake_instance.register({"work": work}, retry={"max_retries": 3, "wait_duration_ms": 0})
    run_id = await fake_instance.submit("work")
    monkeypatch.setattr(ChildDesk, "create", broken)
    run = (await fake_instance.ended(run_id)).run
    assert attempts == [0]
    assert run.failure is not None
    assert (run.failure.cls, run.failure.retryable) == (FailureClass.INFRA, False)
    assert "the orchestrator could not handle what the task sent (child): KeyError('a bug')" in run.failure.message


async def test_an_error_of_ours_over_a_childs_end_ends_the_parent_and_repeats_nothing(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []

    async def work(task: Task) -> object:
        attempts.append(task.attempt)
        return await task.wait_for(await task.start_child("square", 2))

    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    await fake_instance.register({"work": work, "square": square}, retry={"max_retries": 3, "wait_duration_ms": 0})
    monkeypatch.setattr(ChildDesk, "_answer", broken)
    run = (await fake_instance.ended(await fake_instance.submit("work"))).run
    assert attempts == [0]
    assert run.failure is not None
    assert run.failure.message == "the orchestrator could not handle news of the run: KeyError('a bug')"
