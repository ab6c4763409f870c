"""The shim's life: load, ready, one assignment, outcome until acknowledged, exit."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

from orchestrator_runtime import wire
from tests.runtime.conftest import NONCE, Launch

HEAD = """
import asyncio, os, signal, subprocess, sys, threading, time
from orchestrator_sdk import NonRetryableError, TaskContext, TaskRunError, Workflows
print("importing")
app = Workflows()
"""
TAIL = """
if __name__ == "__main__":
    app.start()
"""


def code(tasks: str) -> str:
    return HEAD + tasks + TAIL


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


async def test_an_outcome_is_sent_until_it_is_acknowledged_whatever_happens_to_the_connection(
    launch: Launch, channel_client: Any
) -> None:
    shim = await launch(SQUARE)
    await shim.assign("square", 3)
    await shim.frame("result")
    await channel_client.execute_command("CLIENT", "KILL", "USER", f"c-{NONCE}")
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
    [("object()", "not JSON serializable"), ("float('nan')", "not JSON"), ("'x' * 5_000_000", "the limit is 4194304")],
)
async def test_a_result_that_cannot_be_delivered_is_an_error_that_is_not_retried(
    launch: Launch, result: str, said: str
) -> None:
    shim = await launch(
        code(f"""
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


@pytest.mark.parametrize(("stop", "exit_code"), [("sys.exit(3)", 3), ("os._exit(4)", 4), ("sys.exit('bye')", 1)])
async def test_a_task_that_ends_the_process_ends_it_with_its_own_code(
    launch: Launch, stop: str, exit_code: int
) -> None:
    shim = await launch(
        code(f"""
@app.task
def leave():
    {stop}
""")
    )
    await shim.assign("leave")
    assert await shim.exit_code() == exit_code


async def test_threads_handles_and_exit_handlers_left_behind_cannot_keep_it_alive(launch: Launch) -> None:
    shim = await launch(
        code("""
import atexit
@app.task
async def leave_things():
    threading.Thread(target=time.sleep, args=(1000,)).start()
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 1000)
    asyncio.create_task(asyncio.sleep(1000))
    atexit.register(time.sleep, 1000)
    return "done"
""")
    )
    await shim.assign("leave_things")
    assert (await shim.outcome("result")).value == "done"
    assert await shim.exit_code() == wire.EXIT_OK


async def test_exit_handlers_run(launch: Launch) -> None:
    shim = await launch(
        code("""
import atexit
@app.task
def flush_later():
    atexit.register(print, "flushed")
""")
    )
    await shim.assign("flush_later")
    await shim.outcome("result")
    await shim.exit_code()
    assert shim.output[-1] == "flushed"


async def test_a_forked_process_that_comes_back_has_no_outcome(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def fork():
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    return child and "parent"
""")
    )
    await shim.assign("fork")
    assert (await shim.outcome("result")).value == "parent"


async def test_a_closed_stdout_does_no_harm(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def close():
    sys.stdout.close()
    os.close(2)
    return 1
""")
    )
    await shim.assign("close")
    assert (await shim.outcome("result")).value == 1
    assert await shim.exit_code() == wire.EXIT_OK


async def test_closing_every_handle_only_makes_it_reconnect(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def close_all():
    os.closerange(3, 100)
    return 1
""")
    )
    await shim.assign("close_all")
    assert (await shim.outcome("result")).value == 1


@pytest.mark.parametrize("kind", ["def", "async def"])
async def test_sigterm_unwinds_the_task_through_its_own_cleanup(launch: Launch, kind: str) -> None:
    pause = "await asyncio.sleep(1000)" if kind == "async def" else "time.sleep(1000)"
    shim = await launch(
        code(f"""
@app.task
{kind} wait():
    try:
        {pause}
    finally:
        print("cleaned up")
""")
    )
    await shim.assign("wait")
    await asyncio.sleep(0.5)
    shim.process.send_signal(signal.SIGTERM)
    assert await shim.exit_code() == 128 + signal.SIGTERM
    assert shim.output[-1] == "cleaned up"


async def test_sigterm_is_passed_on_to_the_processes_the_task_started(launch: Launch) -> None:
    shim = await launch(
        code("""
@app.task
def wait():
    process = subprocess.Popen(["sh", "-c", "trap 'echo told; exit' TERM; echo started; while :; do sleep 0.05; done"])
    try:
        process.wait()
    finally:
        process.wait()
""")
    )
    await shim.assign("wait")
    assert (await shim.process.stdout.readline()) == b"importing\n"
    assert (await shim.process.stdout.readline()) == b"started\n"
    shim.process.send_signal(signal.SIGTERM)
    await shim.exit_code()
    assert "told" in shim.output


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
    assert (await shim.frame("progress")).waiting is True
    for call in range(2):
        await shim.send(type="child_done", call=call, child="trn-2", value=call)
    assert (await shim.frame("progress")).waiting is False
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
    await channel_client.execute_command("CLIENT", "KILL", "USER", f"c-{NONCE}")
    again = await shim.frame("child")
    await shim.send(type="child_done", call=again.call, child="trn-2", value="late")
    await shim.send(type="child_done", call=again.call, child="trn-2", value="late")
    assert (await shim.outcome("result")).value == "late"


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
