"""What takes long is computed elsewhere, and nobody waits for it but who asked."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

import orchestrator
from orchestrator.host.apart import TooMuch, computed, is_plain, is_quick, values_in
from orchestrator.telemetry.loop_watch import LIMIT_S
from orchestrator_runtime import json_text
from tests.rounds import longest_round_s
from tests.wait import LIMIT_S as LONG_S

COMPUTED_APART = (
    "orchestrator.api.requests.archive",
    "orchestrator.api.requests.parsing",
    "orchestrator.api.requests.rerun",
    "orchestrator.api.requests.submission",
    "orchestrator.channel.frames",
    "orchestrator.core.task_input.arguments",
)
"""Where the functions are that are given to `computed`."""
SERVING = {"docker", "fastapi", "opentelemetry", "redis", "starlette", "typer", "uvicorn"}


def loaded_by(statements: str) -> set[str]:
    """Of what only the orchestrator itself needs, what a process has when it has executed these."""
    code = f"{statements}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return SERVING & set(done.stdout.split())


def test_a_process_that_computes_loads_nothing_that_only_serves() -> None:
    assert loaded_by(f"import {', '.join(COMPUTED_APART)}") == set()


def test_a_process_that_computes_finds_little_in_the_program_that_started_it() -> None:
    # which it executes first, as a process of multiprocessing's would
    assert loaded_by(f"import runpy; runpy.run_path({orchestrator.__path__[0] + '/__main__.py'!r})") == set()


def test_a_text_is_quick_to_read_when_it_is_short_and_has_few_values() -> None:
    assert is_quick('{"task": "maths/square", "input": [2]}')
    assert is_quick(b'["' + b"," * 9_000 + b'"]')
    assert not is_quick(b"[" + b"1," * 10_000 + b"1]")
    assert not is_quick('["' + "x" * 200_000 + '"]')
    assert values_in("[[1],{}]") == 5


def _size(text: bytes) -> int:
    return len(json_text.loads(text))


async def test_what_takes_long_keeps_nobody_else_waiting() -> None:
    text = b"[" + b"[]," * 1_000_000 + b"[]]"
    assert await computed(_size, b"[1]") == 1  # its process is started once

    async def compute() -> None:
        assert await computed(_size, text) == 1_000_001

    assert await longest_round_s(compute, LIMIT_S) < LIMIT_S


async def test_what_it_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="NaN is not JSON"):
        await computed(_size, b"[NaN]")


async def test_a_process_that_does_not_survive_says_so_and_the_next_is_another() -> None:
    with pytest.raises(TooMuch):
        await computed(_die)
    assert await computed(_size, b"[1]") == 1


async def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(TooMuch, match=r"longer than 0\.2 s"):
        await computed(time.sleep, LONG_S, timeout_s=0.2)


async def test_who_fills_one_queue_keeps_nobody_waiting_in_another() -> None:
    sleeping = asyncio.ensure_future(computed(time.sleep, LONG_S, queue="frames"))
    assert await computed(_size, b"[1, 2]") == 2
    assert not sleeping.done()
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'"' + b"x" * 900_000 + b'"', True),
        (b'["' + b'","'.join([b"y" * 500] * 1_000) + b'"]', True),
        (b'"' + b"x" * 2_000_000 + b'"', False),
        (b"[" + b",".join([b"[]"] * 20_000) + b"]", False),
        (b'"' + b"\\u0001" * 20_000 + b'"', False),
        (b"[" + b",".join([b"9" * 4_300] * 50) + b"]", False),
    ],
)
def test_a_text_is_plain_whose_strings_alone_make_it_long(text: bytes, expected: bool) -> None:
    assert is_plain(text) is expected
