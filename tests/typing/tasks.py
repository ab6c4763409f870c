"""What a type checker must accept and refuse of tasks: each ``type: ignore`` is the assertion that its line is an error."""

from __future__ import annotations

import asyncio
from typing import assert_type

from orchestrator_sdk import Retry, Task, TaskContext, TaskInstance, Workflows

app = Workflows(default_retry=Retry(3, 1000), default_timeout=60, default_plan="starter")


@app.task
def add(a: int, b: int = 2) -> int:
    return a + b


@app.task
async def shout(text: str) -> str:
    return text.upper()


@app.task(name="named", plan="pro", timeout_seconds=60, retry=Retry(1, 500))
def halve(a: float) -> float:
    return a / 2


@app.task(plan="pro")
async def read(name: str, *, limit: int | None = None) -> dict[str, int]:
    return {name: limit or 0}


@app.task
def context_sync(context: TaskContext, a: int) -> str:
    return f"{context.attempt} {a}"


@app.task
async def context_async(context: TaskContext, a: int) -> list[str]:
    return [await context.run(context_sync, a)]


@app.task()
async def context_alone(context: TaskContext) -> None: ...


async def results_have_the_functions_types(context: TaskContext) -> None:
    assert_type(await add(1, 2), int)
    assert_type(await add(a=1), int)
    assert_type(await shout("a"), str)
    assert_type(await halve(1), float)
    assert_type(await read("a", limit=3), dict[str, int])
    assert_type(await context_sync(1), str)
    assert_type(await context_async(1), list[str])
    assert_type(await context_alone(), None)
    assert_type(await context.run(read, "a", limit=3), dict[str, int])
    assert_type(add(1), TaskInstance[int])
    assert_type(add(1).result(timeout_s=3), int)


async def every_way_to_wait_keeps_the_type() -> None:
    number, text = await asyncio.gather(add(1), shout("a"))
    assert_type(number, int)
    assert_type(text, str)
    assert_type(await asyncio.wait_for(add(1), 3), int)
    assert_type(await asyncio.create_task(add(1)), int)
    async with asyncio.TaskGroup() as group:
        assert_type(group.create_task(shout("a")), asyncio.Task[str])
    for one in asyncio.as_completed([add(1), add(2)]):
        assert_type(await one, int)


async def arguments_are_checked(context: TaskContext) -> None:
    await add("1")  # type: ignore[arg-type]
    await add()  # type: ignore[call-arg]
    await add(1, 2, 3)  # type: ignore[call-arg]
    await add(1, c=2)  # type: ignore[call-arg]
    await shout(1)  # type: ignore[arg-type]
    await halve("a")  # type: ignore[arg-type]
    await read("a", 3)  # type: ignore[call-arg]
    await context_sync(context, 1)  # type: ignore[call-arg, arg-type]
    await context_async("a")  # type: ignore[arg-type]
    await context_alone(context)  # type: ignore[call-arg]
    await context.run(add, "1")  # type: ignore[arg-type]


async def a_run_is_not_its_value() -> None:
    number: int = add(1)  # type: ignore[assignment]
    add(1) + 1  # type: ignore[operator]
    print(number)  # noqa: T201


def options_are_checked() -> None:
    app.task(plan=3)  # type: ignore[call-overload]
    app.task(timeout="60")  # type: ignore[call-overload]
    app.task("name")  # type: ignore[call-overload]
    Retry("3", 1000)  # type: ignore[arg-type]
    Workflows(app)  # type: ignore[call-arg, arg-type]
    Workflows.from_workflows(add)  # type: ignore[arg-type]


def a_task_names_its_types(task: Task[[int], str]) -> None:
    assert_type(task(1), TaskInstance[str])
    a_task_names_its_types(context_sync)
    a_task_names_its_types(shout)  # type: ignore[arg-type]
