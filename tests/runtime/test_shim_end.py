"""How the shim's process ends: by itself, with what its task left behind, or because it was told to."""

from __future__ import annotations

import signal

import pytest

from orchestrator_runtime import wire
from tests.runtime.conftest import Launch
from tests.runtime.programs import code

pytestmark = pytest.mark.long


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


async def test_what_was_dropped_is_said(launch: Launch) -> None:
    shim = await launch(
        code("""
import atexit
from concurrent.futures import ThreadPoolExecutor

async def stubborn():
    while True:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            pass

@app.task
async def leave_things():
    threading.Thread(target=time.sleep, args=(1000,), name="uploader").start()
    threading.Thread(target=time.sleep, args=(1000,), name="heartbeat", daemon=True).start()
    ThreadPoolExecutor(thread_name_prefix="pool").submit(time.sleep, 1000)
    asyncio.create_task(stubborn(), name="poller")
    await asyncio.sleep(0)
""")
    )
    await shim.assign("leave_things")
    await shim.outcome("result")
    assert await shim.exit_code() == wire.EXIT_OK
    (line,) = (line for line in shim.output if "orchestrator:" in line)
    assert line.endswith(
        "2 s after the task, and ended with it: asyncio task 'poller', thread 'uploader', thread 'pool_0'"
    )


async def test_an_exit_handler_that_hangs_is_named_as_what_was_dropped(launch: Launch) -> None:
    shim = await launch(
        code("""
import atexit
@app.task
def register():
    atexit.register(time.sleep, 1000)
""")
    )
    await shim.assign("register")
    await shim.outcome("result")
    await shim.exit_code()
    assert shim.output[-1].endswith("2 s after the task, and ended with it: exit handlers")


async def test_threads_executors_and_log_listeners_finish_their_work_within_the_grace(launch: Launch) -> None:
    shim = await launch(
        code("""
import atexit, logging, logging.handlers, queue
from concurrent.futures import ThreadPoolExecutor

def work(name):
    time.sleep(0.3)
    print(name, "done", flush=True)

async def ticks():
    try:
        while True:
            yield 1
    finally:
        print("generator closed")

@app.task
async def leave_work():
    threading.Thread(target=work, args=("thread",)).start()
    ThreadPoolExecutor().submit(work, "executor")
    asyncio.get_running_loop().run_in_executor(None, work, "loop's executor")
    records = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(records, logging.StreamHandler(sys.stdout))
    listener.start()
    atexit.register(listener.stop)
    log = logging.getLogger("mine")
    log.addHandler(logging.handlers.QueueHandler(records))
    log.warning("logged")
    global kept
    kept = ticks()
    await anext(kept)
""")
    )
    await shim.assign("leave_work")
    await shim.outcome("result")
    assert await shim.exit_code() == wire.EXIT_OK
    told = {"thread done", "executor done", "loop's executor done", "logged", "generator closed"}
    assert told <= set(shim.output)
    assert not any("orchestrator:" in line for line in shim.output)


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
        print("waiting", flush=True)
        {pause}
    finally:
        print("cleaned up")
""")
    )
    await shim.assign("wait")
    await shim.prints("waiting")
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
    await shim.prints("started")
    shim.process.send_signal(signal.SIGTERM)
    await shim.exit_code()
    assert "told" in shim.output
