"""A function that keeps the event loop is named; one that lets it go on is not."""

from __future__ import annotations

import asyncio
import logging
import threading
import time

import pytest

from orchestrator.telemetry import loop_watch
from orchestrator.telemetry.loop_watch import LIMIT_S, LoopWatch


def work(seconds: float) -> None:
    """Keep the thread for so long, and until the watching thread had its turns, however busy the machine is."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        pass


def keep_the_loop(watch: LoopWatch) -> None:
    """Until the watch has seen it, and for longer than is allowed."""
    began_s = time.monotonic()
    while watch._seen == "unseen" or time.monotonic() - began_s <= LIMIT_S:  # noqa: SLF001
        work(0.005)


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
    (culprit,) = [name for name in stalls(watch) if name != "unseen"]
    assert culprit.startswith(f"{__name__}.")
    assert f"in {culprit}" in caplog.text


async def test_a_culprit_is_logged_once_a_minute_and_counted_each_time(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_watch, "culprit", lambda frame: "slow.function")
    watch = LoopWatch()
    with caplog.at_level(logging.WARNING), watch.watching(asyncio.get_running_loop()):
        for _ in range(3):
            await asyncio.sleep(0)
            keep_the_loop(watch)
        await asyncio.sleep(0)
    assert stalls(watch)["slow.function"] >= 3
    assert caplog.text.count("slow.function") == 1


async def test_waiting_is_no_work() -> None:
    watch = LoopWatch()
    with watch.watching(asyncio.get_running_loop()):
        await asyncio.sleep(0)
        for _ in range(4):
            await asyncio.sleep(2 * LIMIT_S / 4)
    assert rounds(watch) >= 4
    assert not [name for name in stalls(watch) if "sleep" in name or "select" in name]


async def test_afterwards_the_loop_is_as_before() -> None:
    loop = asyncio.get_running_loop()
    before = loop._selector.select  # type: ignore[attr-defined]  # noqa: SLF001
    with LoopWatch().watching(loop):
        assert "loop watch" in [thread.name for thread in threading.enumerate()]
    assert loop._selector.select == before  # type: ignore[attr-defined]  # noqa: SLF001
    assert "loop watch" not in [thread.name for thread in threading.enumerate()]


def test_a_function_of_ours_is_to_blame_for_what_it_calls() -> None:
    import sys

    from orchestrator.telemetry.loop_watch import culprit

    frames: list[str] = []

    class Path:
        def __fspath__(self) -> str:
            frames.append(culprit(sys._getframe()))  # noqa: SLF001
            raise ValueError("enough was seen")

    from orchestrator.host.disks import free_bytes

    with pytest.raises(ValueError, match="enough"):
        free_bytes(Path())  # type: ignore[arg-type]
    assert frames == ["orchestrator.host.disks.free_bytes"]
