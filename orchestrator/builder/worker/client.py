"""Has a repo read by a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from typing import Final

from pydantic import TypeAdapter, ValidationError

from orchestrator.builder.errors import BadSource
from orchestrator.builder.worker.protocol import ANSWER_BYTES, Message, Order, Prepared
from orchestrator.core.text import readable
from orchestrator.engine.base import Log

_COMMAND: Final = (sys.executable, "-P", "-W", "ignore", "-m", "orchestrator.builder.worker")
_LINES: Final = 1_000
_MESSAGE: Final = TypeAdapter(Message)


async def prepare(order: Order, log: Log) -> Prepared:
    """The repo of the order, read. Raises BadSource; cancelling ends the process."""
    async with _running() as process:
        try:
            async with asyncio.timeout(order.limits.wall_s):
                prepared = await _answer(process, order, log)
                await process.wait()
        except TimeoutError:
            raise BadSource(
                f"reading the repo took longer than {order.limits.wall_s:g} s and was stopped: leave files out with "
                ".dockerignore, or deploy again if its server was slow"
            ) from None
    return prepared or _died(process.returncode or 0, order)


async def _answer(process: Process, order: Order, log: Log) -> Prepared | None:
    """What the process made of it; None when it ended without a word."""
    assert process.stdin is not None, "the process was started with pipes"
    with contextlib.suppress(OSError):  # it ended already: its exit code says why
        process.stdin.write(order.to_bytes())
        process.stdin.write_eof()
    async for message in _messages(process):
        if message.refused is not None:
            raise BadSource(message.refused)
        if message.failed is not None:
            raise RuntimeError(f"reading the repo failed: {message.failed}")
        if message.prepared is not None:
            return message.prepared
        await log(readable(message.log or ""))
    return None


async def _messages(process: Process) -> AsyncIterator[Message]:
    assert process.stdout is not None, "the process was started with pipes"
    try:
        for _ in range(_LINES):
            line = await process.stdout.readline()
            if not line:
                return
            yield _MESSAGE.validate_json(line)
    except (ValueError, ValidationError) as error:
        raise BadSource("reading the repo gave an answer that is not understood: is it a workflow at all?") from error


@contextlib.asynccontextmanager
async def _running() -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *_COMMAND, stdin=PIPE, stdout=PIPE, limit=ANSWER_BYTES, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _died(exit_code: int, order: Order) -> Prepared:
    if exit_code == -signal.SIGXCPU:
        raise BadSource(
            f"reading the repo took more than {order.limits.cpu_s} s of computing: leave files out with .dockerignore"
        )
    ended = signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
    raise BadSource(
        f"reading the repo ended its process ({ended}): leave large files out with .dockerignore; if the host was short of "
        "memory, deploy again"
    )
