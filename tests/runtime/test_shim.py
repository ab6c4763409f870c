"""The shim's life: load, ready, one assignment, outcome until acknowledged, exit."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from orchestrator_runtime import wire
from tests.runtime.conftest import CHANNEL_ID, Launch
from tests.runtime.programs import code

SQUARE = code("""
@app.task
def square(a: int, b: int = 2) -> int:
    print("squaring", a)
    return a ** b
""")


async def test_a_task_runs_and_the_process_ends_when_the_result_is_acknowledged(launch: Launch) -> None:
    shim = await launch(SQUARE)
    await shim.assign("square", 3)
    assert (await shim.frame("result")).value == 9
    await shim.send(type="ack")
    assert await shim.exit_code() == wire.EXIT_OK
    assert shim.output == ["importing", "squaring 3"]


@pytest.mark.parametrize("env", [{}, {"PYTHONPATH": "extra:/nowhere"}, {"PYTHONSAFEPATH": "1", "PYTHONPATH": "."}])
async def test_the_oldest_python_there_may_be_is_enough(launch: Launch, env: dict[str, str]) -> None:
    """Images that a repo's own Dockerfile makes may have it."""
    shim = await launch(SQUARE, python=_python_3_10(), env=env)
    await shim.assign("square", 3)
    assert (await shim.outcome("result")).value == 9
    assert await shim.exit_code() == wire.EXIT_OK


def _python_3_10() -> Path:
    places = (*Path.home().glob(".pyenv/versions/3.10.*/bin/python3.10"), Path("/usr/bin/python3.10"))
    found = next((python for python in places if python.exists()), None)
    return found or pytest.skip("there is no Python 3.10 here")


async def test_an_outcome_says_how_long_user_code_worked(launch: Launch) -> None:
    shim = await launch(SQUARE)
    await shim.assign("square", 3)
    worked_ms = (await shim.outcome("result")).worked_ms
    assert worked_ms is not None
    assert worked_ms >= 0


async def test_user_code_is_told_of_its_trace_by_variable_and_context(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def trace(context: TaskContext) -> list:
    return [os.environ.get("TRACEPARENT"), context.traceparent]
""")
    )
    await shim.assign("trace", traceparent="00-a-b-01")
    assert (await shim.outcome("result")).value == ["00-a-b-01", "00-a-b-01"]


async def test_an_outcome_is_sent_until_it_is_acknowledged_whatever_happens_to_the_connection(
    launch: Launch, channel_client: Any
) -> None:
    shim = await launch(SQUARE)
    await shim.assign("square", 3)
    await shim.frame("result")
    await channel_client.execute_command("CLIENT", "KILL", "USER", f"c-{CHANNEL_ID}")
    assert (await shim.frame("result")).value == 9
    await shim.send(type="ack")
    assert await shim.exit_code() == wire.EXIT_OK


async def test_input_may_be_keywords(launch: Launch) -> None:
    shim = await launch(SQUARE)
    await shim.assign("square", a=2, b=5)
    assert (await shim.outcome("result")).value == 32


async def test_register_mode_lists_the_tasks(launch: Launch) -> None:
    shim = await launch(SQUARE, mode="register")
    (task,) = (await shim.outcome("tasks")).tasks
    assert task["name"] == "square"
    assert await shim.exit_code() == wire.EXIT_OK


async def test_the_entry_point_may_be_a_modules_app(launch: Launch) -> None:
    shim = await launch(SQUARE, entry_point="flow:app", file="flow.py")
    await shim.assign("square", 2)
    assert (await shim.outcome("result")).value == 4


async def test_an_app_that_is_not_there_is_told_with_the_file_that_was_loaded_and_what_is_in_it(launch: Launch) -> None:
    shim = await launch(SQUARE, entry_point="flow:other", file="flow.py")
    message = (await shim.outcome("error")).error.message
    assert re.fullmatch(r"flow \(.*/flow.py\) has no Workflows app named 'other': it has app; name it with .*", message)


async def test_an_exception_travels_with_type_message_and_the_users_own_traceback(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def outer():
    inner()

def inner():
    raise LookupError("no such thing")
""")
    )
    await shim.assign("outer")
    error = (await shim.outcome("error")).error
    assert (error.kind, error.type, error.message, error.retryable) == ("task", "LookupError", "no such thing", True)
    assert "in inner" in error.traceback
    assert "orchestrator_runtime" not in error.traceback
    assert await shim.exit_code() == wire.EXIT_TASK_FAILED


async def test_an_error_that_should_not_be_retried_says_so(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
async def give_up():
    raise NonRetryableError("bad input")
""")
    )
    await shim.assign("give_up")
    assert (await shim.outcome("error")).error.retryable is False


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nothing_of_the_kind", "No module named 'nothing_of_the_kind'"),
        ("def broken(:\n  pass", "invalid syntax"),
        ("1 / 0", "division by zero"),
        ("print('hello')", "without calling app.start()"),
    ],
)
async def test_code_that_does_not_load_is_reported(launch: Launch, source: str, said: str) -> None:
    shim = await launch(source)
    error = (await shim.outcome("error")).error
    assert error.kind == "load"
    assert said in error.message


async def test_a_missing_entry_point_says_how_to_name_one(launch: Launch) -> None:
    shim = await launch("", entry_point="other.py")
    assert "--start-command" in (await shim.outcome("error")).error.message


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("object()", "not JSON serializable"),
        ("float('nan')", "not JSON"),
        ("'x' * 5_000_000", "the limit is 4194304"),
        ("os.fsdecode(b'\\xe9') * 800_000", "it is 4800002 bytes of JSON; the limit is 4194304"),
        ("nested(501)", "nested more than 500 levels deep"),
        ("nested(967)", "nested more than 500 levels deep"),
        ("nested(5_000)", "nested more than 500 levels deep"),
        ("10 ** 6000", "a number of more than 4300 digits"),
    ],
)
async def test_a_result_that_cannot_be_delivered_is_an_error_that_is_not_retried(
    launch: Launch, result: str, said: str
) -> None:
    shim = await launch(
        code(f"""
sys.set_int_max_str_digits(0)
def nested(levels):
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value

@app.task
def produce():
    return {result}
""")
    )
    await shim.assign("produce")
    error = (await shim.outcome("error")).error
    assert error.kind == "result"
    assert said in error.message
    assert not error.retryable


async def test_the_deepest_result_and_the_longest_number_are_delivered(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def produce():
    value = 10 ** 4299
    for _ in range(500):
        value = [value]
    return value
""")
    )
    await shim.assign("produce")
    assert "1000" in str((await shim.outcome("result")).value)


async def test_a_result_that_answers_to_every_name_is_no_coroutine(launch: Launch) -> None:
    shim = await launch(
        code("""
class Dict(dict):
    def __getattr__(self, name):
        return self.setdefault(name, Dict())

@app.task
def produce():
    return Dict(a=1)
""")
    )
    await shim.assign("produce")
    assert (await shim.outcome("result")).value == {"a": 1}


async def test_a_chained_run_that_is_returned_without_await_is_explained(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def other(): ...

@app.task
def produce():
    return other()
""")
    )
    await shim.assign("produce")
    await shim.frame("child")
    assert "make the function async" in (await shim.outcome("error")).error.message


NO_UNICODE = os.fsdecode(b"caf\xe9.txt")


async def test_a_file_name_that_is_no_unicode_can_be_input_argument_and_result(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def other(name): ...

@app.task
async def pass_on(name):
    return [os.fsencode(name).hex(), await other({name: name})]
""")
    )
    await shim.assign("pass_on", NO_UNICODE)
    child = await shim.frame("child")
    assert child.input == [{NO_UNICODE: NO_UNICODE}]
    await shim.send(type="child_done", call=0, child="trn-2", value=child.input)
    assert (await shim.outcome("result")).value == [b"caf\xe9.txt".hex(), [{NO_UNICODE: NO_UNICODE}]]


async def test_an_exception_whose_message_is_no_unicode_is_told_with_what_can_be_shown(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def fail():
    raise FileNotFoundError(os.fsdecode(b"caf\\xe9.txt"))
""")
    )
    await shim.assign("fail")
    error = (await shim.outcome("error")).error
    assert (error.type, error.message) == ("FileNotFoundError", "caf\\udce9.txt")
    assert "in fail" in error.traceback


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("eval('[' * 90 + ']' * 90)", None),
        ("nested(501)", "ValueError: the input of 'other' cannot be sent: it is nested more than 500 levels deep"),
        ("10 ** 6000", "ValueError: the input of 'other' cannot be sent: it has a number of more than 4300 digits"),
        (
            "os.fsdecode(b'\\xe9') * 800_000",
            "ValueError: the input of 'other' cannot be sent: it is 4800004 bytes of JSON",
        ),
    ],
)
async def test_an_argument_over_a_limit_raises_where_the_task_is_called(
    launch: Launch, argument: str, said: str | None
) -> None:
    shim = await launch(
        code(f"""
sys.set_int_max_str_digits(0)
def nested(levels):
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value

@app.task
def other(value): ...

@app.task
async def parent():
    try:
        return await other({argument})
    except ValueError as error:
        return f"{{type(error).__name__}}: {{error}}"
""")
    )
    await shim.assign("parent")
    if said is None:
        await shim.frame("child")
    else:
        assert said in (await shim.outcome("result")).value


async def test_user_code_does_not_see_the_channels_credentials_in_its_environment(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def look():
    return [name for name in os.environ if name.startswith("ORCHESTRATOR_")]
""")
    )
    await shim.assign("look")
    assert (await shim.outcome("result")).value == []


async def test_the_context_names_the_run(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def who(ctx: TaskContext, greeting: str):
    return [greeting, ctx.run_id, ctx.root_run_id, ctx.parent_run_id, ctx.attempt]
""")
    )
    await shim.assign("who", "hello", attempt=2)
    assert (await shim.outcome("result")).value == ["hello", "trn-1", "trn-1", None, 2]


@pytest.mark.parametrize("arguments", [[1, 2, 3], {"b": 1}, {"a": 1, "c": 1}])
async def test_a_run_whose_input_does_not_bind_is_not_retried(launch: Launch, arguments: Any) -> None:
    shim = await launch(SQUARE)
    await (shim.assign("square", **arguments) if isinstance(arguments, dict) else shim.assign("square", *arguments))
    error = (await shim.outcome("error")).error
    assert error.message.endswith("; its signature is square(a: int, b: int = 2)")
    assert not error.retryable
