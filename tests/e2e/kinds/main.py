"""Tasks that do what tasks in the wild do: the good, the failing and the hostile."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from orchestrator_sdk import NonRetryableError, Retry, TaskContext, TaskRunError, Workflows

print("printed at import")
app = Workflows(default_plan="starter", default_retry=Retry(max_retries=0, wait_duration_ms=0))


@app.task
def square(number: int, power: int = 2) -> int:
    print(f"squaring {number}")
    return number**power


@app.task
def nothing() -> None:
    pass


@app.task
async def sum_squares(*numbers: int) -> int:
    return sum(await asyncio.gather(*[square(number) for number in numbers]))


@app.task
async def every_way_to_wait() -> list:
    gathered = await asyncio.gather(square(1), square(2))
    waited = await asyncio.wait_for(square(3), 60)
    created = await asyncio.create_task(square(4))
    async with asyncio.TaskGroup() as group:
        grouped = group.create_task(square(5))
    completed = [await first for first in asyncio.as_completed([square(6)])]
    return [*gathered, waited, created, grouped.result(), *completed]


@app.task
async def countdown(depth: int) -> int:
    return 0 if depth == 0 else 1 + await countdown(depth - 1)


@app.task
def who(context: TaskContext) -> list:
    return [context.run_id, context.root_run_id, context.parent_run_id, context.attempt]


@app.task
def downloads(seconds: int) -> int:
    """Let another program write over its line, as curl and pip do."""
    states = "; ".join(f"printf '\\r{n} of many'; sleep 0.1" for n in range(seconds * 10))
    return subprocess.run(["sh", "-c", f"{states}; printf '\\rall of them\\n'"], check=True).returncode


@app.task
def fails() -> None:
    raise ValueError("boom")


@app.task(retry=Retry(max_retries=3, wait_duration_ms=200, backoff_scaling=2))
def succeeds_at_third(context: TaskContext) -> int:
    if context.attempt < 2:
        raise ConnectionError(f"not yet: attempt {context.attempt}")
    return context.attempt


@app.task(retry=Retry(max_retries=5, wait_duration_ms=0))
def gives_up() -> None:
    raise NonRetryableError("the input is wrong")


@app.task
async def survives_child() -> str:
    try:
        await fails()
    except TaskRunError as error:
        return str(error)
    return "no error"


@app.task
def caps() -> dict:
    def read(*paths):
        for path in paths:
            if os.path.exists(path):
                return open(path).read().split()
        return []

    return {
        "memory": read("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        "cpu": read("/sys/fs/cgroup/cpu.max")
        or read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") + read("/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
        "uid": os.getuid(),
    }


for _plan in ("starter", "standard", "pro", "pro_plus", "pro_max", "pro_ultra"):
    app.task(name=f"caps_{_plan}", plan=_plan)(caps.func)


@app.task
def hog() -> int:
    print("about to use too much", flush=True)
    return len(bytearray(900 * 1024 * 1024))


@app.task
def leaves(code: int) -> None:
    sys.exit(code)


@app.task
def kills_itself() -> None:
    print("last words", end="", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


@app.task
def forks() -> str:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return "parent"
    return "child"


@app.task
def prints(megabytes: int) -> int:
    line = "x" * 999
    for _ in range(megabytes * 1000):
        print(line)
    print("the last line")
    return megabytes


@app.task
def closes_stdout() -> str:
    sys.stdout.close()
    os.close(1)
    return "still here"


@app.task
def leaves_threads() -> str:
    threading.Thread(target=time.sleep, args=(3600,)).start()
    return "done"


@app.task
def not_json() -> object:
    return object()


@app.task
def too_large() -> str:
    return "x" * (5 * 1024 * 1024)


@app.task
def echo(value: object) -> object:
    return value


@app.task(timeout_seconds=30)
def sleeps(seconds: float) -> str:
    print("sleeping")
    time.sleep(seconds)
    return "awake"


@app.task
def ignores_sigterm() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ignoring")
    time.sleep(3600)


@app.task
async def waits_for_sleepers(count: int) -> list:
    return await asyncio.gather(*[sleeps(3600) for _ in range(count)])


@app.task
def escapes() -> dict:
    """What it can see and reach of what it should not."""
    import socket

    def can_write(path):
        try:
            with open(path, "w"):
                return True
        except OSError:
            return False

    def can_connect(path):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(path)
                return True
        except OSError:
            return False

    return {
        "writes_root": can_write("/evil"),
        "writes_app": can_write("/app/evil"),
        "writes_runtime": can_write("/opt/orchestrator/evil"),
        "writes_tmp": can_write("/tmp/fine"),
        "docker": can_connect("/var/run/docker.sock"),
        "channel_dir": sorted(os.listdir("/run/orchestrator")),
        "environment": sorted(name for name in os.environ if name.startswith("ORCHESTRATOR_")),
        "capabilities": [line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")],
    }


@app.task
async def passes_on(name: str) -> list:
    """A file name that is no Unicode, as Python has it."""
    return [os.fsencode(name).hex(), await echo(name)]


@app.task(retry=Retry(max_retries=3, wait_duration_ms=0))
def fails_over_a_file() -> None:
    os.stat(os.fsdecode(b"/tmp/caf\xe9.txt"))


@app.task(retry=Retry(max_retries=3, wait_duration_ms=0))
def writes_beside_its_code() -> None:
    with open("out.csv", "w") as file:
        file.write("1,2,3")


@app.task
def uses_helpers() -> dict:
    """What helper processes find: what is installed, what PYTHONPATH says, and the plan's processors."""
    import multiprocessing
    import subprocess

    import found_by_pythonpath

    with multiprocessing.get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
        answers = pool.map(found_by_pythonpath.answer, [1, 2, 3])
    flags = subprocess.check_output([sys.executable, "-c", "import sys; print(sys.flags.isolated, sys.flags.no_site)"])
    return {"answers": answers, "flags": flags.decode().split(), "argv": sys.argv}


@app.task
def cleans_up_with_helpers() -> None:
    import multiprocessing
    import subprocess

    try:
        print("working")
        time.sleep(3600)
    finally:
        helper = subprocess.Popen(["sleep", "3600"])
        helper.terminate()
        print("helper ended with", helper.wait())
        with multiprocessing.Pool(4, maxtasksperchild=1) as pool:
            print("pool gave", sum(pool.map(abs, range(8))))


@app.task
def works_on_in_a_thread() -> str:
    def work(seconds, name):
        time.sleep(seconds)
        print(name, "done")

    threading.Thread(target=work, args=(0.5, "short")).start()
    threading.Thread(target=work, args=(3600, "long"), name="long").start()
    return "returned"


@app.task
def fails_in_a_long_chain() -> None:
    error = ValueError("the first")
    for number in range(990):
        try:
            raise LookupError(f"number {number}") from error
        except LookupError as caught:
            error = caught
    raise error


@app.task
def prints_a_long_line() -> None:
    print("x" * 16383 + "€" * 10_000)


@app.task
def nests(levels: int) -> list:
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


def _reached(places: list[str]) -> list[str]:
    found = []
    for place in places:
        host, _, port = place.rpartition(":")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
            found.append(place)
    return found


@app.task
def reaches(places: list[str]) -> list:
    return _reached(places)


@app.task(network="none")
def reaches_nothing(places: list[str]) -> list:
    return _reached(places)


@app.task(network=["203.0.113.0/24"])
def reaches_one_range(places: list[str]) -> list:
    return _reached(places)


if __name__ == "__main__":
    app.start()
