"""Programs that builds run, with their output line by line."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from orchestrator import BUNDLED_DIR
from orchestrator.engine.base import BuildFailed, Log
from orchestrator.engine.docker.faults import with_fix

SCRIPTS_DIR: Final = BUNDLED_DIR / "images"
_STOP_S: Final = 10.0
_LINE_LIMIT_BYTES: Final = 1024 * 1024


async def script(name: str, log: Log, *arguments: str) -> str:
    """The answer of one of images/, the only line on its stdout; its stderr is progress. Raises BuildFailed."""
    said: list[str] = []

    async def tell(stream: asyncio.StreamReader | None) -> None:
        async for line in lines(stream):
            said.append(line)
            await log(line)

    async with running(str(SCRIPTS_DIR / name), *arguments, stderr=PIPE) as process, asyncio.TaskGroup() as group:
        group.create_task(tell(process.stderr), name=f"progress of {name}")
        answer = [line async for line in lines(process.stdout)]
    if process.returncode != 0 or not answer:
        raise BuildFailed("\n".join([f"{name} failed:", *said[-5:-1], with_fix("".join(said[-1:]))]))
    return answer[-1]


@asynccontextmanager
async def running(*command: str, stderr: int, env: dict[str, str] | None = None) -> AsyncIterator[Process]:
    """Run a command inside the block; it has ended when the block is left. Ctrl-C in our terminal does not reach it."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=stderr, env=env, limit=_LINE_LIMIT_BYTES, start_new_session=True
    )
    try:
        yield process
        await process.wait()
    finally:
        if process.returncode is None:
            await _stop(process)


async def _stop(process: Process) -> None:
    """End the command and all it started; BuildKit stops a build whose client goes."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    """The lines of a command's output."""
    assert stream is not None, "the command was started with a pipe"
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # a line above the limit: nobody reads that
            continue
        if not line:
            return
        yield line.decode(errors="replace").rstrip()
