"""What user programs do, each written twice: as a shell script, and as a coroutine for the fake engine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from orchestrator.core.plans import MIB
from orchestrator.engine.fake.process import FakeProcess, Program


@dataclass(frozen=True)
class Scenario:
    """One behaviour of a user's program, for both engines."""

    script: str
    program: Program


async def greet(process: FakeProcess) -> int:
    process.print("to stdout")
    process.print("to stderr", stream="stderr")
    return 0


async def exit_3(process: FakeProcess) -> int:
    return 3


async def sleep(process: FakeProcess) -> int:
    process.print("ready")
    await asyncio.Event().wait()
    return 0


async def say_goodbye(process: FakeProcess) -> int:
    waiting = asyncio.create_task(process.signal())
    await asyncio.sleep(0)
    process.print("ready")
    process.print(f"goodbye after {await waiting}")
    return 7


async def ignore_signals(process: FakeProcess) -> int:
    waiting = asyncio.create_task(process.signal())
    await asyncio.sleep(0)
    process.print("ready")
    while True:
        await waiting
        waiting = asyncio.create_task(process.signal())


async def use_32_mib(process: FakeProcess) -> int:
    process.allocate(32 * MIB)
    return await sleep(process)


async def use_too_much(process: FakeProcess) -> int:
    process.print("greedy")
    process.allocate(1024 * MIB)
    return 0


async def count(process: FakeProcess) -> int:
    for number in range(2000):
        process.print(str(number))
    process.print("last words")
    return 137


async def show_progress(process: FakeProcess) -> int:
    waiting = asyncio.create_task(process.signal())
    await asyncio.sleep(0)
    process.print("ready")
    process.write("loading", stream="stderr")
    number = 0
    while not waiting.done():
        process.write(f"\r{number} of many")
        number += 1
        await asyncio.sleep(0.05)
    process.write("\rall of them\n")
    await waiting
    await process.signal()
    return 0


async def flood(process: FakeProcess) -> int:
    waiting = asyncio.create_task(process.signal())
    await asyncio.sleep(0)
    process.print("ready")
    while not waiting.done():
        process.write(".")
        await asyncio.sleep(0.05)
    for _ in range(20_000):
        process.write("x" * 99 + "\n")
    process.print("last words")
    return 0


SCENARIOS = {
    "greet": Scenario("echo to stdout; echo to stderr >&2", greet),
    "exit 3": Scenario("exit 3", exit_3),
    "sleep": Scenario("echo ready; exec sleep 60", sleep),
    "say goodbye": Scenario(
        "trap 'echo goodbye after SIGTERM; exit 7' TERM; echo ready; while :; do sleep 0.05; done", say_goodbye
    ),
    "ignore signals": Scenario("trap '' TERM INT; echo ready; while :; do sleep 0.05; done", ignore_signals),
    "use 32 MiB": Scenario(
        """exec python3 -c 'import time; kept = b"x" * (32 << 20); print("ready", flush=True); time.sleep(60)'""",
        use_32_mib,
    ),
    "use too much": Scenario("""echo greedy; exec python3 -c 'b"x" * (1 << 30)'""", use_too_much),
    "count": Scenario(
        "i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); done; echo last words; kill -KILL $$", count
    ),
    "show progress": Scenario(
        """trap 'printf "\\rall of them\\n"; n=' TERM; echo ready; printf loading >&2; n=0;
        while [ "$n" ]; do printf "\\r$n of many"; n=$((n+1)); sleep 0.05; done; trap - TERM; while :; do sleep 0.05; done""",
        show_progress,
    ),
    "flood": Scenario(
        """exec python3 -c 'import signal, time
told = []
signal.signal(15, lambda *_: told.append(1))
print("ready", flush=True)
while not told: print(end=".", flush=True); time.sleep(0.05)
for _ in range(20_000): print("x" * 99)
print("last words")'""",
        flood,
    ),
}
