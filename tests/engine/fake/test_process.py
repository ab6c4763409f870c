from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from orchestrator.core.container.spec import ContainerDefaults, ContainerIdentity, Role, compile_spec
from orchestrator.core.plans import MIB, Plan
from orchestrator.engine.fake.process import KILLED, FakeProcess

SPEC = compile_spec(
    ContainerIdentity("i", Role.ATTEMPT, "c" * 16),
    "image",
    Plan("tiny", 500, 64 * MIB),
    {},
    ContainerDefaults("none", (), (), "/"),
)


def test_each_line_has_a_time_of_its_own() -> None:
    process = FakeProcess(SPEC)
    process.print("a\nb")
    process.print("c", stream="stderr")
    assert [(line.message, line.stream) for line in process.lines] == [
        ("a", "stdout"),
        ("b", "stdout"),
        ("c", "stderr"),
    ]
    assert len({line.timestamp_ns for line in process.lines}) == 3


def test_the_first_end_counts_and_nothing_is_printed_after_it() -> None:
    process = FakeProcess(SPEC)
    process.end(3)
    process.end(4)
    process.print("late")
    assert (process.exit_code, process.lines) == (3, [])


def test_a_signal_nobody_expects_ends_the_process() -> None:
    process = FakeProcess(SPEC)
    process.deliver("SIGTERM")
    assert process.exit_code == 128 + 15


async def test_a_process_that_handles_signals_is_ended_by_sigkill_alone() -> None:
    process = FakeProcess(SPEC)
    waiting = asyncio.ensure_future(process.signal())
    await asyncio.sleep(0)
    process.deliver("SIGTERM")
    assert (await waiting, process.exit_code) == ("SIGTERM", None)
    process.deliver("SIGKILL")
    assert process.exit_code == KILLED


def test_more_memory_than_there_is_kills_the_process() -> None:
    process = FakeProcess(replace(SPEC, memory_bytes=10))
    process.allocate(9)
    with pytest.raises(asyncio.CancelledError):
        process.allocate(2)
    assert (process.exit_code, process.oom_killed, process.measured.peak_memory_bytes) == (KILLED, True, 10)
