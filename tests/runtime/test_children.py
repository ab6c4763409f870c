"""Chained runs as the shim asks for them, waits for them, and tells how they ended."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.conftest import CHANNEL_ID, Launch
from tests.runtime.programs import code


async def test_chained_runs_start_at_once_and_give_their_values(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def square(a): ...

@app.task
async def total(numbers):
    runs = [square(n) for n in numbers]
    return sum(await asyncio.gather(*runs))
""")
    )
    await shim.assign("total", [1, 2, 3])
    children = [await shim.frame("child") for _ in range(3)]
    assert [(child.call, child.task, child.input) for child in children] == [(n, "square", [n + 1]) for n in range(3)]
    for child in reversed(children):
        await shim.send(type="child_done", call=child.call, child=f"trn-{child.call}", value=child.input[0] ** 2)
    assert (await shim.outcome("result")).value == 14


async def test_waiting_for_children_is_told_once_each_way(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def one(): ...

@app.task
async def both():
    return await asyncio.gather(one(), one())
""")
    )
    await shim.assign("both")
    for _ in range(2):
        await shim.frame("child")
    assert (await shim.frame("waiting")).waiting is True
    for call in range(2):
        await shim.send(type="child_done", call=call, child="trn-2", value=call)
    assert (await shim.frame("waiting")).waiting is False
    assert (await shim.outcome("result")).value == [0, 1]


async def test_a_failed_child_raises_where_it_is_awaited(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def fail(): ...

@app.task
async def parent():
    try:
        await fail()
    except TaskRunError as error:
        return [str(error), error.run_id, error.status]
""")
    )
    await shim.assign("parent")
    await shim.frame("child")
    failed = {"status": "failed", "type": "ValueError", "message": "boom"}
    await shim.send(type="child_done", call=0, child="trn-2", error=failed)
    assert (await shim.outcome("result")).value == ["Subtask failed: boom", "trn-2", "failed"]


async def test_a_parent_that_does_not_handle_its_child_s_failure_names_the_child(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def charge(): ...

@app.task
async def parent():
    try:
        await charge()
    except TaskRunError as error:
        raise LookupError("no luck") from error
""")
    )
    await shim.assign("parent")
    await shim.frame("child")
    failed = {"status": "failed", "type": "ValueError", "message": "boom"}
    await shim.send(type="child_done", call=0, child="trn-2", error=failed)
    error = (await shim.outcome("error")).error
    assert (error.type, error.child) == ("LookupError", "trn-2")
    assert "the chained run of 'charge' failed: trn-2 ValueError" in error.traceback


async def test_a_lost_answer_to_a_child_is_asked_for_again(launch: Launch, channel_client: Any) -> None:
    shim = await launch(
        code("""
@app.task
def one(): ...

@app.task
async def parent():
    return await one()
""")
    )
    await shim.assign("parent")
    await shim.frame("child")
    await channel_client.execute_command("CLIENT", "KILL", "USER", f"c-{CHANNEL_ID}")
    again = await shim.frame("child")
    await shim.send(type="child_done", call=again.call, child="trn-2", value="late")
    await shim.send(type="child_done", call=again.call, child="trn-2", value="late")
    assert (await shim.outcome("result")).value == "late"


async def test_values_travel_to_a_child_and_back_as_they_are_annotated(launch: Launch) -> None:
    shim = await launch(
        code("""
from dataclasses import dataclass
from datetime import date

@dataclass
class Person:
    name: str
    born: date

@app.task
def older(person: Person) -> Person: ...

@app.task
async def parent(born: date, *, run: TaskContext) -> date:
    child = await older(Person(run.run_id, born))
    return child.born
""")
    )
    await shim.assign("parent", "2026-03-04")
    assert (await shim.frame("child")).input == [{"name": "trn-1", "born": "2026-03-04"}]
    await shim.send(type="child_done", call=0, child="trn-2", value={"name": "trn-1", "born": "2020-01-01"})
    assert (await shim.outcome("result")).value == "2020-01-01"


@pytest.mark.parametrize("call", ["square(1, 2, 3)", "square()", "square(b=1)", "square(object())"])
async def test_a_child_that_cannot_be_called_so_fails_its_parent_at_once_and_for_good(
    launch: Launch, call: str
) -> None:
    shim = await launch(
        code(f"""
@app.task
def square(a: int, b: int = 2) -> int: ...

@app.task
async def parent():
    await {call}
""")
    )
    await shim.assign("parent")
    error = (await shim.outcome("error")).error
    assert error.type == "orchestrator_sdk.errors.ArgumentsError"
    assert error.message.startswith("task 'square': ")
    assert not error.retryable
