"""What tasks say about their runs while they run."""

from __future__ import annotations

import asyncio

from orchestrator.core.runs.annotations import Annotations
from orchestrator.core.runs.run import Status
from orchestrator.store.runs.cancel import cancel_tree
from tests.scheduler.conftest import Instance, now_ms
from tests.scheduler.shim_program import Task
from tests.wait import wait_until


async def talk(task: Task, tags: list[str], rows: int) -> int:
    said = {"type": "annotate", "metadata": {"rows": rows}}
    await task.post({**said, "tags": tags[:1], "fraction": 0.5, "message": "half"})
    await task.post({**said, "tags": tags, "fraction": 1, "message": "done"})
    return rows


async def said(instance: Instance, run_id: str) -> Annotations:
    return (await instance.context.runs.get_stored(run_id)).annotations


async def test_all_that_a_task_said_is_kept_with_its_run(fake_instance: Instance) -> None:
    await fake_instance.register({"talk": talk})
    run_id = await fake_instance.submit("talk", ["a", "b"], 3)
    ended = await fake_instance.ended(run_id)
    assert (ended.run.status, ended.annotations.tags, ended.annotations.metadata) == (
        Status.COMPLETED,
        ("a", "b"),
        {"rows": 3},
    )
    assert ended.annotations.progress is not None
    assert (ended.annotations.progress.fraction, ended.annotations.progress.message) == (1.0, "done")


async def test_progress_is_seen_while_the_task_works(fake_instance: Instance) -> None:
    async def stay(task: Task) -> None:
        await task.post({"type": "annotate", "tags": [], "metadata": {}, "fraction": 0.25, "message": None})
        await asyncio.Event().wait()

    await fake_instance.register({"stay": stay})
    run_id = await fake_instance.submit("stay")

    async def is_seen() -> bool:
        progress = (await said(fake_instance, run_id)).progress
        return progress is not None and progress.fraction == 0.25

    await wait_until(is_seen, "the progress")
    assert (await fake_instance.context.runs.get(run_id)).status is Status.RUNNING
    await cancel_tree(fake_instance.context.runs, run_id, "seen", now_ms=now_ms())


async def test_what_is_too_much_is_not_kept_and_ends_nothing(fake_instance: Instance) -> None:
    await fake_instance.register({"talk": talk})
    run_id = await fake_instance.submit("talk", [str(number) for number in range(12)], 3)
    ended = await fake_instance.ended(run_id)
    assert (ended.run.status, len(ended.annotations.tags)) == (Status.COMPLETED, 10)


async def test_who_says_more_than_may_be_said_breaks_the_rules(fake_instance: Instance) -> None:
    async def shout(task: Task) -> None:
        await task.post({"type": "annotate", "tags": [], "metadata": {"a": "x" * 70_000}})
        await asyncio.Event().wait()

    await fake_instance.register({"shout": shout})
    ended = await fake_instance.ended(await fake_instance.submit("shout"))
    assert ended.run.failure is not None
    assert "70" in ended.run.failure.message
    assert ended.annotations == Annotations()
