"""How long the event loop works at a time, and which function it was when that was too long.

All that runs in one round of the loop keeps everything else waiting, so the longest wait of anything ready is a round's length.
Rounds are measured where they begin and end, around the selector; nothing is scheduled for that. A thread looks every
`_LOOK_S` whether a round is overdue, and if it is, at the stack of the loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
import math
import sys
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from time import monotonic
from types import FrameType
from typing import Any, Final

from prometheus_client.core import HistogramMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.utils import floatToGoString

from orchestrator.telemetry.labels import Bounded

log = logging.getLogger(__name__)

LIMIT_S: Final = 0.05
_LOOK_S: Final = LIMIT_S / 2
"""So that every round over the limit was looked at once."""
_LOG_INTERVAL_S: Final = 60.0
CULPRITS_LIMIT: Final = 50
_BOUNDS_S: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_OURS: Final = "orchestrator."
_UNSEEN: Final = "unseen"


class LoopWatch:
    """Watches one loop; its numbers are read by `families`."""

    def __init__(self) -> None:
        self._began_s = math.inf  # while the loop waits
        self._seen = _UNSEEN
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
        ended, select = threading.Event(), selector.select
        looking = threading.Thread(
            target=self._look, args=(threading.get_ident(), ended), name="loop watch", daemon=True
        )
        selector.select = self._watched(select)
        looking.start()
        try:
            yield
        finally:
            selector.select = select
            ended.set()
            looking.join()

    def _watched(self, select: Callable[[float | None], Any]) -> Callable[[float | None], Any]:
        def watched(timeout: float | None = None) -> Any:
            busy_s = monotonic() - self._began_s
            self._began_s = math.inf
            if busy_s > 0:  # else the first round began before it was watched
                self._counts[bisect_left(_BOUNDS_S, busy_s)] += 1
                self._busy_s += busy_s
                if busy_s > LIMIT_S:
                    self._stalled(busy_s)
            ready = select(timeout)
            self._seen = _UNSEEN
            self._began_s = monotonic()
            return ready

        return watched

    def _look(self, thread_id: int, ended: threading.Event) -> None:
        while not ended.wait(_LOOK_S):
            if monotonic() - self._began_s > _LOOK_S:
                self._seen = culprit(sys._current_frames().get(thread_id))  # noqa: SLF001  # there is no other way

    def _stalled(self, seconds: float) -> None:
        (name,) = self._culprits.of(self._seen)
        count, total_s = self._stalls.get(name, (0, 0.0))
        self._stalls[name] = (count + 1, total_s + seconds)
        if monotonic() - self._logged_at_s.get(name, -math.inf) > _LOG_INTERVAL_S:
            self._logged_at_s[name] = monotonic()
            log.warning(
                "the event loop stood still for %.0f ms, in %s (seen there %d times)", seconds * 1000, name, count + 1
            )

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


def culprit(frame: FrameType | None) -> str:
    """The innermost function of ours in the stack, else the innermost of anybody's."""
    innermost = _UNSEEN if frame is None else _name(frame)
    while frame is not None:
        if _module(frame).startswith(_OURS):
            return _name(frame)
        frame = frame.f_back
    return innermost


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _name(frame: FrameType) -> str:
    return f"{_module(frame)}.{frame.f_code.co_qualname}"
