"""Whoever tells the process to end is obeyed: in order, within a time, and at once when told again."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

from tests.wait import LIMIT_S

_PROGRAM = """
import asyncio, logging, sys, threading, time
from orchestrator.app import stopping

logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stdout)
stopping.LIMIT_S = {limit_s}
stopping.LEAVE_S = 0.1

async def wait():
    print("waiting", flush=True)
    await asyncio.Event().wait()

async def deaf():
    print("waiting", flush=True)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

def stuck():
    threading.Event().wait()

async def living():
    {body}

asyncio.run(stopping.until_told(living()))
print("in order", flush=True)
{after}
"""


@contextmanager
def program(body: str, after: str = "", limit_s: float = 60) -> Iterator[subprocess.Popen[str]]:
    """A process that lives so, waits by now, and is gone afterwards."""
    source = _PROGRAM.format(body=textwrap.indent(textwrap.dedent(body), "    ").strip(), after=after, limit_s=limit_s)
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "waiting\n"
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    process.wait(LIMIT_S)
    return process.stdout.read()


def test_who_is_told_to_end_does_so_in_order() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with program("await wait()") as process:
            process.send_signal(number)
            assert "in order" in said(process)
            assert process.returncode == 0


def test_what_does_not_end_is_named_and_left_after_a_time() -> None:
    with program("await asyncio.create_task(deaf(), name='a deaf one')", limit_s=0.2) as process:
        process.terminate()
        text = said(process)
        assert "not ended within 0.2 s" in text
        assert "a deaf one" in text
        assert "in order" not in text
        assert process.returncode == 1


def test_a_loop_that_is_held_is_no_reason_to_stay() -> None:
    body = """
        asyncio.get_running_loop().call_soon(time.sleep, 3600)
        await wait()
    """
    with program(body, limit_s=0.2) as process:
        process.terminate()
        assert "not ended within 0.2 s" in said(process)
        assert process.returncode == 1


def test_told_again_it_ends_at_once() -> None:
    with program("await deaf()") as process:
        process.terminate()
        assert process.stdout is not None
        assert "stopping, for SIGTERM came" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert "in order" not in said(process)
        assert process.returncode == 128 + signal.SIGINT


def test_a_thread_that_waits_for_somebody_else_is_not_waited_for() -> None:
    body = """
        asyncio.get_running_loop().run_in_executor(None, stuck)
        await wait()
    """
    with program(body) as process:
        process.terminate()
        assert "not ended" not in said(process)
        assert process.returncode == 0


def test_what_fails_by_itself_says_so() -> None:
    with program("await asyncio.to_thread(print, 'waiting', flush=True)\nraise ZeroDivisionError") as process:
        process.wait(LIMIT_S)
        assert process.returncode == 1
