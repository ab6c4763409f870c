"""How long the event loop works at a time, and which function it was when that was too long.

All that runs in one round of the loop keeps everything else waiting, so the longest wait of anything ready is a round's length.
Rounds are measured where they begin and end, around the selector; nothing is scheduled for that. A thread looks every `_LOOK_S`
whether a round takes suspiciously long, and if it does, at the stack of the loop's thread. Where the kernel tells that the
thread mostly waited for a CPU, no function is to blame.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import os
import sys
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import accumulate
from time import monotonic, sleep
from types import FrameType
from typing import Any, Final

from prometheus_client.core import HistogramMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.utils import floatToGoString

from orchestrator.telemetry.labels import Bounded

log = logging.getLogger(__name__)

LIMIT_S: Final = 0.05
_LOOK_S: Final = LIMIT_S
_SUSPICIOUS_S: Final = LIMIT_S / 2
"""So that every round over 75 ms is looked at once, and half of those over 50; looking twice as often costs twice as much."""
_LOG_INTERVAL_S: Final = 60.0
CULPRITS_LIMIT: Final = 50
_BOUNDS_S: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_OURS: Final = "orchestrator."
UNSEEN: Final = "unseen"
NO_CPU: Final = "no CPU was free"


class LoopWatch:
    """Watches one loop; its numbers are read by `families`."""

    def __init__(self) -> None:
        self._began_s = math.inf  # while the loop waits
        self.seen = UNSEEN
        """What the round under way, or the last one, was seen to do."""
        self._waited_s = 0.0
        self._counts = [0] * (len(_BOUNDS_S) + 1)
        self._busy_s = 0.0
        self._stalls: dict[str, tuple[int, float]] = {}
        self._culprits = Bounded(CULPRITS_LIMIT)
        self._logged_at_s: dict[str, float] = {}

    @contextmanager
    def watching(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Watch the running loop inside the block, called in its thread; a loop without a selector is not watched."""
        selector: Any = getattr(loop, "_selector", None)
        if selector is None:
            yield
            return
        select, queue = selector.select, RunQueue(threading.get_native_id())
        looker = _Looker(self, threading.get_ident(), queue)
        selector.select = self._watched(select, queue)
        looker.start()
        try:
            yield
        finally:
            selector.select = select
            looker.end()
            queue.close()

    def _watched(self, select: Callable[[float | None], Any], queue: RunQueue) -> Callable[[float | None], Any]:
        def watched(timeout: float | None = None) -> Any:
            busy_s = monotonic() - self._began_s
            self._began_s = math.inf
            if busy_s > 0:  # else the first round began before it was watched
                self._counts[bisect_left(_BOUNDS_S, busy_s)] += 1
                self._busy_s += busy_s
                if busy_s > LIMIT_S:
                    self._stalled(busy_s, queue.waited_s() - self._waited_s)
            ready = select(timeout)
            self.seen = UNSEEN
            self._began_s = monotonic()
            return ready

        return watched

    def look(self, thread_id: int, waited_s: float) -> None:
        """Look at the stack, if that is due; `waited_s` is for how long the loop's thread has waited for a CPU in its life."""
        if monotonic() - self._began_s > _SUSPICIOUS_S:
            self.seen = culprit(frame_of(thread_id))
        else:
            self._waited_s = waited_s

    def _stalled(self, seconds: float, waited_s: float) -> None:
        (name,) = self._culprits.of(NO_CPU if waited_s > seconds / 2 else self.seen)
        count, total_s = self._stalls.get(name, (0, 0.0))
        self._stalls[name] = (count + 1, total_s + seconds)
        if monotonic() - self._logged_at_s.get(name, -math.inf) > _LOG_INTERVAL_S:
            self._logged_at_s[name] = monotonic()
            what = "the event loop stood still for %.0f ms: %s (%d times so far)"
            log.warning(what, seconds * 1000, name, count + 1)

    def families(self) -> Iterator[Metric]:
        """Histogram of the rounds, and for each culprit how often and how long it kept the loop."""
        bounds = [*map(floatToGoString, _BOUNDS_S), "+Inf"]
        yield HistogramMetricFamily(
            "orchestrator_event_loop_round_seconds",
            "How long the event loop worked at a time: whatever became ready meanwhile had to wait for so long.",
            buckets=list(zip(bounds, accumulate(self._counts), strict=True)),
            sum_value=self._busy_s,
        )
        stalls = SummaryMetricFamily(
            "orchestrator_event_loop_stall_seconds",
            f"Rounds of the event loop over {LIMIT_S * 1000:g} ms, by the function seen in them.",
            labels=["culprit"],
        )
        for name, (count, total_s) in self._stalls.items():
            stalls.add_metric([name], count_value=count, sum_value=total_s)
        yield stalls


def frame_of(thread_id: int) -> FrameType | None:
    """Where a thread is now.

    Before Python 3.12 a collection of garbage that begins inside the call waits for a lock that the call holds: no thread runs ever
    again, and no signal but SIGKILL ends the process (gh-106883). So none may begin.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(0)  # not gc.disable(): another thread may enable it meanwhile
    try:
        return sys._current_frames().get(thread_id)  # noqa: SLF001  # there is no other way
    finally:
        gc.set_threshold(*thresholds)


class _Looker:
    """The thread that looks."""

    def __init__(self, watch: LoopWatch, thread_id: int, queue: RunQueue) -> None:
        self._watch = watch
        self._thread_id = thread_id
        self._queue = queue
        self._is_wanted = True
        self._thread = threading.Thread(target=self._run, name="loop watch", daemon=True)
        self.start = self._thread.start

    def _run(self) -> None:
        while self._is_wanted:
            self._watch.look(self._thread_id, self._queue.waited_s())
            sleep(_LOOK_S)

    def end(self) -> None:
        """End it, and wait for that."""
        self._is_wanted = False
        self._thread.join()


class RunQueue:
    """For how long a thread was ready to run and no CPU was free, as Linux counts it; 0 elsewhere."""

    def __init__(self, native_id: int) -> None:
        self._file: int | None = None
        with suppress(OSError):
            self._file = os.open(f"/proc/self/task/{native_id}/schedstat", os.O_RDONLY | os.O_CLOEXEC)

    def waited_s(self) -> float:
        """In all its life."""
        if self._file is None:
            return 0.0
        try:
            return int(os.pread(self._file, 100, 0).split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0

    def close(self) -> None:
        """Read it no more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def culprit(frame: FrameType | None) -> str:
    """The innermost function of ours in the stack, else the innermost of anybody's."""
    innermost = UNSEEN if frame is None else _name(frame)
    while frame is not None:
        if _module(frame).startswith(_OURS):
            return _name(frame)
        frame = frame.f_back
    return innermost


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _name(frame: FrameType) -> str:
    return f"{_module(frame)}.{frame.f_code.co_qualname}"
