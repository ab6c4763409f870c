"""Runs that ask for runs: values, failures and cancels."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from orchestrator.channel.channel import Received
from orchestrator.channel.lines.line_channel import LineChannel
from orchestrator.core.runs.run import FailedChild, Status
from orchestrator.store.runs.cancel import cancel_tree
from orchestrator.store.runs.listing import Filter
from orchestrator_runtime import wire
from tests.scheduler.conftest import Instance, now_ms
from tests.scheduler.shim_program import ChildError, Task
from tests.wait import LIMIT_S, wait_until


async def square(task: Task, number: int) -> int:
    return number**2


async def sum_squares(task: Task, *numbers: int) -> int:
    return sum(await task.wait_for(*[await task.start_child("square", number) for number in numbers]))


async def countdown(task: Task, depth: int) -> int:
    if depth == 0:
        return 0
    (below,) = await task.wait_for(await task.start_child("countdown", depth - 1))
    return int(below) + 1


async def fail(task: Task) -> None:
    raise ValueError("boom")


async def forever(task: Task) -> None:
    await asyncio.Event().wait()


async def tree_of(instance: Instance, root_id: str) -> dict[str, Status]:
    runs = await instance.listing.page(Filter(root_ids=frozenset({root_id})), before=None, limit=1000)
    return {run.task: run.status for run in runs}


async def until_leaf_runs(instance: Instance, root_id: str) -> None:
    async def is_running() -> bool:
        return (await tree_of(instance, root_id)).get("forever") is Status.RUNNING

    await wait_until(is_running, "the leaf to run")


async def test_a_parent_receives_what_its_children_returned(fake_instance: Instance) -> None:
    await fake_instance.register({"square": square, "sum_squares": sum_squares})
    assert (await fake_instance.ended(await fake_instance.submit("sum_squares", 3, 4))).result == "25"


async def test_a_child_that_failed_for_good_raises_in_the_parent(fake_instance: Instance) -> None:
    async def parent(task: Task) -> str:
        try:
            await task.wait_for(await task.start_child("fail"))
        except RuntimeError as error:
            return str(error)
        return "no error"

    await fake_instance.register({"fail": fail, "parent": parent})
    assert (await fake_instance.ended(await fake_instance.submit("parent"))).result == '"Subtask failed: boom"'


async def test_a_parent_that_fails_of_its_child_says_of_which(fake_instance: Instance) -> None:
    async def parent(task: Task) -> str:
        return str(await task.wait_for(await task.start_child("fail")))

    await fake_instance.register({"fail": fail, "parent": parent})
    ended = await fake_instance.ended(await fake_instance.submit("parent"))
    (child_id,) = (await fake_instance.context.runs.children(ended.run.id, ended.run.attempt)).values()
    assert ended.run.failure is not None
    assert ended.run.failure.child == FailedChild(child_id, "fail", "ValueError")


async def test_a_run_that_blames_one_it_never_asked_for_is_not_believed(fake_instance: Instance) -> None:
    other = await _failed_run(fake_instance)

    async def parent(task: Task) -> None:
        raise ChildError({"child": other, "error": {"message": "boom"}})

    await fake_instance.register({"fail": fail, "parent": parent})
    ended = await fake_instance.ended(await fake_instance.submit("parent"))
    assert ended.run.failure is not None
    assert ended.run.failure.child is None


async def _failed_run(instance: Instance) -> str:
    await instance.register({"fail": fail})
    return (await instance.ended(await instance.submit("fail"))).run.id


async def test_an_unknown_task_is_refused_in_the_parent(fake_instance: Instance) -> None:
    async def parent(task: Task) -> str:
        try:
            await task.wait_for(await task.start_child("nothing"))
        except RuntimeError as error:
            return str(error)
        return "no error"

    await fake_instance.register({"parent": parent})
    ended = await fake_instance.ended(await fake_instance.submit("parent"))
    assert ended.result == "\"Subtask failed: this workflow has no task 'nothing'\""


@pytest.mark.parametrize(
    ("given", "says"), [([1, 2, 3], "3 arguments were given"), (["x"], "argument 'n': \\\"x\\\" is not of type")]
)
async def test_wrong_arguments_are_refused_in_the_parent_without_a_run(
    fake_instance: Instance, given: list[object], says: str
) -> None:
    async def parent(task: Task) -> str:
        try:
            await task.wait_for(await task.start_child("square", *given))
        except RuntimeError as error:
            return str(error)
        return "no error"

    number = {"schema": {"type": "integer"}, "is_checked": True}
    parameter = {"name": "n", "kind": "positional_or_keyword", "has_default": False, **number}
    definition = {"parameters": [parameter], "signature": "square(n: int)"}
    await fake_instance.register({"square": square, "parent": parent}, {"square": definition})
    root_id = await fake_instance.submit("parent")
    ended = await fake_instance.ended(root_id)
    assert says in str(ended.result)
    assert "its signature is square(n: int)" in str(ended.result)
    assert await tree_of(fake_instance, root_id) == {"parent": Status.COMPLETED}


async def test_a_parent_that_fails_takes_its_unfinished_children_with_it(fake_instance: Instance) -> None:
    async def parent(task: Task) -> None:
        await task.start_child("forever")
        raise ValueError("changed my mind")

    await fake_instance.register({"forever": forever, "parent": parent}, retry={"max_retries": 0})
    root_id = await fake_instance.submit("parent")
    await fake_instance.ended(root_id)
    await fake_instance.idle()
    assert await tree_of(fake_instance, root_id) == {"parent": Status.FAILED, "forever": Status.CANCELED}


async def test_children_nobody_awaited_go_on_after_a_parent_that_succeeded(fake_instance: Instance) -> None:
    async def parent(task: Task) -> str:
        await task.start_child("square", 3)
        return "done"

    await fake_instance.register({"square": square, "parent": parent})
    root_id = await fake_instance.submit("parent")
    await fake_instance.ended(root_id)
    await fake_instance.idle()
    assert await tree_of(fake_instance, root_id) == {"parent": Status.COMPLETED, "square": Status.COMPLETED}


async def test_canceling_the_root_cancels_the_whole_tree(fake_instance: Instance) -> None:
    async def middle(task: Task) -> None:
        await task.wait_for(await task.start_child("forever"))

    async def root(task: Task) -> None:
        await task.wait_for(await task.start_child("middle"))

    await fake_instance.register({"forever": forever, "middle": middle, "root": root})
    root_id = await fake_instance.submit("root")
    await until_leaf_runs(fake_instance, root_id)
    await cancel_tree(fake_instance.context.runs, root_id, "asked", now_ms=now_ms())
    await fake_instance.idle()
    assert set((await tree_of(fake_instance, root_id)).values()) == {Status.CANCELED}


async def test_a_child_is_started_once_though_the_orchestrator_crashes_before_it_takes_note(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between storing the child and forgetting the frame: the next process finds the frame again."""
    settle, reached = LineChannel.settle, asyncio.Event()

    async def hangs_at_the_child(self: LineChannel, channel_id: str, received: Received) -> None:
        if isinstance(received.frame, wire.Child):
            reached.set()
            await asyncio.Event().wait()
        await settle(self, channel_id, received)

    monkeypatch.setattr(LineChannel, "settle", hangs_at_the_child)
    await fake_instance.register({"square": square, "sum_squares": sum_squares})
    root_id = await fake_instance.submit("sum_squares", 3)
    await asyncio.wait_for(reached.wait(), LIMIT_S)
    await fake_instance.crash()
    monkeypatch.setattr(LineChannel, "settle", settle)
    await fake_instance.start()
    assert (await fake_instance.ended(root_id)).result == "9"
    assert len(await fake_instance.context.runs.children(root_id)) == 1
    assert len(await fake_instance.listing.page(Filter(root_ids=frozenset({root_id})), before=None, limit=10)) == 2


async def test_each_attempt_of_a_parent_starts_children_of_its_own(fake_instance: Instance) -> None:
    async def parent(task: Task) -> int:
        (value,) = await task.wait_for(await task.start_child("square", 4))
        if task.attempt == 0:
            raise ValueError("once more")
        return int(value)

    await fake_instance.register({"square": square, "parent": parent})
    root_id = await fake_instance.submit("parent")
    assert (await fake_instance.ended(root_id)).result == "16"
    children = [await fake_instance.context.runs.children(root_id, attempt) for attempt in (0, 1)]
    assert [list(numbered) for numbered in children] == [[0], [0]]
    assert children[0] != children[1]


async def measure(task: Task, text: str) -> int:
    return len(text)


async def spread(task: Task, count: int) -> list[str]:
    """What became of so many children with inputs of 100 KB."""
    calls = [await task.start_child("measure", "x" * 100_000) for _ in range(count)]
    found = await asyncio.gather(*calls, return_exceptions=True)
    return ["refused" if isinstance(one, ChildError) and "may hold" in str(one) else "done" for one in found]


async def large(task: Task) -> str:
    return "x" * 300_000


async def test_a_tree_that_takes_more_than_its_share_is_refused_and_others_go_on(idle_instance: Instance) -> None:
    limits = replace(idle_instance.context.limits, tree_bytes=250_000)
    idle_instance.context = replace(idle_instance.context, limits=limits)
    await idle_instance.register({"spread": spread, "measure": measure, "square": square, "large": large})
    await idle_instance.start()
    ended = await idle_instance.ended(await idle_instance.submit("spread", 4))
    assert ended.result is not None
    assert sorted(json.loads(ended.result)) == ["done", "done", "refused", "refused"]
    assert (await idle_instance.ended(await idle_instance.submit("square", 4))).result == "16"
    failed = (await idle_instance.ended(await idle_instance.submit("large"))).run.attempts[-1].failure
    assert failed is not None
    assert (failed.type, failed.retryable) == ("TreeTooLarge", False)
    assert failed.message.endswith("the result is not kept")


async def fails_at_length(task: Task) -> None:
    info = {"kind": "task", "type": "ValueError", "message": "m" * 8_000, "traceback": "t" * 30_000, "retryable": False}
    await task.post({"type": "error", "error": info})
    await asyncio.Event().wait()


async def prints(task: Task) -> None:
    task.process.print("x" * 50_000)


async def test_errors_count_to_the_tree_and_are_short_where_it_has_no_room(idle_instance: Instance) -> None:
    limits = replace(idle_instance.context.limits, tree_bytes=15_000)
    idle_instance.context = replace(idle_instance.context, limits=limits)
    await idle_instance.register({"fails_at_length": fails_at_length})
    await idle_instance.start()
    run = (await idle_instance.ended(await idle_instance.submit("fails_at_length"))).run
    failure = run.attempts[-1].failure
    assert failure is not None
    assert (failure.type, len(failure.message), failure.traceback) == ("ValueError", 512, "")
    held_bytes = await idle_instance.context.runs.tree_bytes(run.id)
    assert 2048 + 512 < held_bytes < 8_000


async def test_what_is_printed_counts_to_the_tree(idle_instance: Instance) -> None:
    await idle_instance.register({"prints": prints})
    await idle_instance.start()
    run = (await idle_instance.ended(await idle_instance.submit("prints"))).run
    await idle_instance.idle()  # its log is complete only then
    assert await idle_instance.context.runs.tree_bytes(run.id) > 50_000
