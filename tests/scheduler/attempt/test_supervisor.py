"""An attempt from its claim to the end of its container, on the fake engine."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from orchestrator.core.runs.run import FailureClass, Status
from orchestrator.scheduler.attempt.children import ChildDesk
from orchestrator.store.runs.cancel import cancel_tree
from tests.scheduler.conftest import Instance, now_ms
from tests.scheduler.shim_program import Task


async def square(task: Task, number: int) -> int:
    task.process.print(f"squaring {number}")
    return number**2


async def fail(task: Task) -> None:
    raise ValueError(f"attempt {task.attempt}")


async def forever(task: Task) -> None:
    await asyncio.Event().wait()


async def test_a_run_completes_with_its_result_and_its_container_is_gone(fake_instance: Instance) -> None:
    await fake_instance.register({"square": square})
    ended = await fake_instance.ended(await fake_instance.submit("square", 7))
    assert (ended.run.status, ended.result) == (Status.COMPLETED, "49")
    await fake_instance.idle()


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


async def test_an_outcome_sent_just_before_the_process_dies_counts(fake_instance: Instance) -> None:
    async def last_words(task: Task) -> None:
        await task.post({"type": "result", "value": "made it"})
        task.process.end(137)

    await fake_instance.register({"last_words": last_words})
    ended = await fake_instance.ended(await fake_instance.submit("last_words"))
    assert ended.result == '"made it"'


async def test_a_run_canceled_while_it_is_queued_never_gets_a_container(idle_instance: Instance) -> None:
    await idle_instance.register({"forever": forever})
    run_id = await idle_instance.submit("forever")
    await cancel_tree(idle_instance.context.runs, run_id, "asked", now_ms=now_ms())
    await idle_instance.start()
    run = await idle_instance.context.runs.get(run_id)
    assert (run.status, run.attempts) == (Status.CANCELED, ())


async def test_a_start_that_takes_too_long_ends_as_a_timeout(idle_instance: Instance) -> None:
    context = idle_instance.context
    idle_instance.context = replace(context, limits=replace(context.limits, start_timeout_s=0.2))
    await idle_instance.register({"square": square}, retry={"max_retries": 0})

    async def never_ready(process: object) -> int:
        await asyncio.Event().wait()
        return 0

    idle_instance.programs["sha256:fake"] = never_ready
    await idle_instance.start()
    run = (await idle_instance.ended(await idle_instance.submit("square", 1))).run
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
