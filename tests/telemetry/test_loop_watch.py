"""A function that keeps the event loop is named; one that lets it go on is not."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
import time

import pytest

from orchestrator.host.disks import free_bytes
from orchestrator.telemetry import loop_watch
from orchestrator.telemetry.loop_watch import LIMIT_S, NO_CPU, UNSEEN, LoopWatch, RunQueue, culprit
from tests.wait import LIMIT_S as TEST_LIMIT_S


@pytest.fixture(autouse=True)
def idle_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this one is."""
    monkeypatch.setattr(RunQueue, "waited_s", lambda queue: 0.0)


def keep_the_loop(watch: LoopWatch) -> None:
    """For longer than is allowed, and until that was seen."""
    began_s = time.monotonic()
    while watch.seen == UNSEEN or time.monotonic() - began_s <= LIMIT_S:
        time.sleep(0.001)
        assert time.monotonic() - began_s < TEST_LIMIT_S, "nobody looks"


def stalls(watch: LoopWatch) -> dict[str, float]:
    """How often each culprit kept the loop."""
    _, found = watch.families()
    return {sample.labels["culprit"]: sample.value for sample in found.samples if sample.name.endswith("_count")}


def rounds(watch: LoopWatch) -> float:
    found, _ = watch.families()
    return next(sample.value for sample in found.samples if sample.name.endswith("_count"))


async def test_the_function_that_keeps_the_loop_is_named(caplog: pytest.LogCaptureFixture) -> None:
    watch = LoopWatch()
    with watch.watching(asyncio.get_running_loop()):
        await asyncio.sleep(0)
        keep_the_loop(watch)
        await asyncio.sleep(0)
    assert stalls(watch)[f"{__name__}.keep_the_loop"] == 1
    assert "keep_the_loop (1 times so far)" in caplog.text


async def test_a_culprit_is_counted_each_time_and_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    watch = LoopWatch()
    with caplog.at_level(logging.WARNING), watch.watching(asyncio.get_running_loop()):
        for _ in range(3):
            await asyncio.sleep(0)
            keep_the_loop(watch)
        await asyncio.sleep(0)
    assert stalls(watch)[f"{__name__}.keep_the_loop"] == 3
    assert caplog.text.count("keep_the_loop") == 1


async def test_nobody_is_to_blame_when_the_thread_waited_for_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RunQueue, "waited_s", lambda queue: time.monotonic())
    watch = LoopWatch()
    with watch.watching(asyncio.get_running_loop()):
        await asyncio.sleep(0)
        keep_the_loop(watch)
        await asyncio.sleep(0)
    assert stalls(watch)[NO_CPU] >= 1


async def test_waiting_is_no_work() -> None:
    watch = LoopWatch()
    with watch.watching(asyncio.get_running_loop()):
        await asyncio.sleep(0)
        for _ in range(3):
            await asyncio.sleep(LIMIT_S)
    assert rounds(watch) >= 3
    assert not [name for name in stalls(watch) if "select" in name]


async def test_afterwards_the_loop_is_as_before() -> None:
    selector = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]  # noqa: SLF001
    before = selector.select
    with LoopWatch().watching(asyncio.get_running_loop()):
        assert "loop watch" in [thread.name for thread in threading.enumerate()]
    assert selector.select == before
    assert "loop watch" not in [thread.name for thread in threading.enumerate()]


def test_a_function_of_ours_is_to_blame_for_what_it_calls() -> None:
    named: list[str] = []

    class Path:
        def __fspath__(self) -> str:
            named.append(culprit(sys._getframe()))  # noqa: SLF001
            return "/"

    free_bytes(Path())  # type: ignore[arg-type]
    assert named == ["orchestrator.host.disks.free_bytes"]


async def test_more_culprits_than_are_told_apart_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_watch, "CULPRITS_LIMIT", 1)
    names = iter(("a", "b", "c"))
    monkeypatch.setattr(loop_watch, "culprit", lambda frame: next(names, "d"))
    watch = LoopWatch()
    with watch.watching(asyncio.get_running_loop()):
        for _ in range(3):
            await asyncio.sleep(0)
            keep_the_loop(watch)
        await asyncio.sleep(0)
    assert "other" in stalls(watch)
    assert len(set(stalls(watch)) - {"other", UNSEEN}) <= 1


def test_linux_tells_how_long_a_thread_waited_for_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    queue = RunQueue(threading.get_native_id())
    first = queue.waited_s()
    assert 0 <= first <= queue.waited_s()
    queue.close()
    assert queue.waited_s() == 0
    assert RunQueue(2**31 - 1).waited_s() == 0


def test_looking_while_garbage_is_due_stops_no_thread() -> None:
    """Whatever is collected: what threads keep for themselves takes the lock that the look holds."""
    program = """
import gc, threading
from orchestrator.telemetry.loop_watch import frame_of

class Garbage: pass

for more in range(-3, 30):
    gc.disable()
    gc.collect()
    for _ in range(5):
        garbage = Garbage()
        garbage.itself, garbage.local = garbage, threading.local()
        garbage.local.x = 1
    del garbage
    gc.set_threshold(max(1, gc.get_count()[0] + more))
    gc.enable()
    assert frame_of(threading.get_ident()) is not None
    assert gc.get_threshold()[0] > 0
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=TEST_LIMIT_S)
