from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from orchestrator_runtime.host import ChildFailed
from orchestrator_sdk import (
    TaskCanceledError,
    TaskInstance,
    TaskRefusedError,
    TaskRunError,
    WaitTimeoutError,
    Workflows,
)
from tests.sdk.conftest import FakeHost
from tests.wait import LIMIT_S

app = Workflows()


@app.task
def square(a: int) -> int:
    return a * a


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


def end(host: FakeHost, values: dict[int, Any]) -> None:
    """The children end from another thread, as the link's thread ends them."""

    def work() -> None:
        for child, value in values.items():
            if isinstance(value, Exception):
                host.futures[child].set_exception(value)
            else:
                host.futures[child].set_result(value)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


async def in_task_group(instance: TaskInstance[int]) -> int:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(instance)
    return task.result()


async def as_completed(instance: TaskInstance[int]) -> int:
    for one in asyncio.as_completed([instance]):
        return await one
    raise AssertionError


async def gathered(instance: TaskInstance[int]) -> int:
    return (await asyncio.gather(instance))[0]


async def plainly(instance: TaskInstance[int]) -> int:
    return await instance


async def in_a_named_task(instance: TaskInstance[int]) -> int:
    return await asyncio.create_task(instance, name="square")


WAYS: list[Callable[[TaskInstance[int]], Awaitable[int]]] = [
    plainly,
    gathered,
    as_completed,
    in_a_named_task,
    asyncio.ensure_future,
    asyncio.shield,
    lambda instance: asyncio.wait_for(instance, LIMIT_S),
    in_task_group,
]


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_wait_gives_the_value(way: Any, running: FakeHost) -> None:
    waiter = asyncio.ensure_future(way(square(3)))
    await settle()
    assert running.waiting_now == 1
    end(running, {0: 9})
    assert await waiter == 9


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_wait_gives_the_error(way: Any, running: FakeHost) -> None:
    waiter = asyncio.ensure_future(way(square(3)))
    end(running, {0: ChildFailed("trn-7", "failed", "ValueError", "boom")})
    with pytest.raises((TaskRunError, Exception)) as caught:
        await waiter
    error = caught.value
    error = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
    assert isinstance(error, TaskRunError)
    assert str(error) == "Subtask failed: boom"
    assert (error.run_id, error.status, error.error_type, error.message) == ("trn-7", "failed", "ValueError", "boom")
    assert error.task == "square"
    assert error.__notes__ == ["the chained run of 'square' failed: trn-7 ValueError"]


async def test_all_ways_at_once_give_the_same_value(running: FakeHost) -> None:
    instance = square(3)
    waiters = [asyncio.ensure_future(way(instance)) for way in WAYS * 2]
    await settle()
    assert running.waiting_now == len(waiters)
    end(running, {0: 9})
    assert await asyncio.gather(*waiters) == [9] * len(waiters)


async def test_a_run_may_be_awaited_again_after_it_ended(running: FakeHost) -> None:
    instance = square(3)
    end(running, {0: 9})
    assert [await instance, await instance, await asyncio.create_task(instance)] == [9, 9, 9]
    assert running.waits == [], "nothing was waited for"


async def test_values_come_in_the_order_of_the_calls(running: FakeHost) -> None:
    waiter = asyncio.gather(*[square(n) for n in range(3)])
    end(running, {2: 4, 0: 0, 1: 1})
    assert await waiter == [0, 1, 4]


@pytest.mark.parametrize("way", WAYS)
async def test_a_cancelled_waiter_changes_nothing_for_others(way: Any, running: FakeHost) -> None:
    instance = square(3)
    leaving, staying = asyncio.ensure_future(way(instance)), asyncio.ensure_future(way(instance))
    await settle()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await settle()
    end(running, {0: 9})
    assert await staying == 9
    assert await instance == 9


async def test_a_waiter_cancelled_before_it_began_leaves_nothing_behind(running: FakeHost) -> None:
    task = asyncio.create_task(square(3))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert running.waits == []


async def test_a_deadline_ends_the_wait_and_not_the_run(running: FakeHost) -> None:
    instance = square(3)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(instance, 0.01)
    assert running.waiting_now == 0
    end(running, {0: 9})
    assert await instance == 9


@pytest.mark.parametrize(("status", "kind"), [("canceled", TaskCanceledError), ("refused", TaskRefusedError)])
async def test_the_error_tells_how_the_run_ended(status: str, kind: type[TaskRunError], running: FakeHost) -> None:
    instance = square(3)
    end(running, {0: ChildFailed("trn-7", status, "", "why")})
    with pytest.raises(kind, match="Subtask failed: why") as caught:
        await instance
    assert caught.value.status == status
    assert caught.value.__suppress_context__, "the user sees one error, not two"


def test_a_function_that_is_not_async_blocks_for_the_result(running: FakeHost) -> None:
    instance = square(3)
    threading.Timer(0.01, running.futures[0].set_result, (9,)).start()
    assert instance.result(timeout_s=5) == 9
    assert running.waits == [+1, -1]


def test_a_blocking_wait_has_an_end(running: FakeHost) -> None:
    instance = square(3)
    with pytest.raises(TimeoutError, match=r"'square' has not ended after 0.01 s; it goes on") as caught:
        instance.result(timeout_s=0.01)
    assert isinstance(caught.value, WaitTimeoutError)


def test_a_blocking_wait_raises_the_childs_error(running: FakeHost) -> None:
    instance = square(3)
    running.futures[0].set_exception(ChildFailed("trn-7", "failed", "ValueError", "boom"))
    with pytest.raises(TaskRunError, match="Subtask failed: boom"):
        instance.result()


def test_a_child_that_outlives_its_waiters_loop_ends_quietly(
    running: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    async def give_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(square(3), 0.01)

    asyncio.run(give_up())
    running.futures[0].set_result(9)
    assert caplog.messages == []


def test_a_run_nobody_awaits_makes_no_noise(running: FakeHost) -> None:
    square(3).close()


def test_it_is_no_result_and_says_why(running: FakeHost) -> None:
    instance: Any = square(3)
    with pytest.raises(TypeError):
        json.dumps(instance)
    assert "return `await square(...)`" in instance.__orchestrator_not_a_result__


async def test_it_says_what_it_is(running: FakeHost) -> None:
    instance = square(3)
    assert repr(instance) == "<TaskInstance of 'square' running>"
    task = asyncio.create_task(instance)
    assert "coro=<square()" in repr(task)
    end(running, {0: 9})
    await task
    assert repr(instance) == "<TaskInstance of 'square' ended>"
