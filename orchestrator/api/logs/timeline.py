"""Lines of several runs in the order of their times, understood only as far as somebody reads on."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from orchestrator.api.logs.query import Found
from orchestrator.api.logs.sources import Place
from orchestrator.core.runs.run import Run
from orchestrator.store import keys
from orchestrator.store.logs import Batch, LogStore

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

Lines: TypeAlias = AsyncIterator[Sequence[Found]]


@dataclass(frozen=True, slots=True)
class Window:
    """From which time, and up to which, lines are wanted that may have one of the texts, if any; `backward` is newest first."""

    start_ns: int
    end_ns: int
    backward: bool
    texts: Sequence[str] = ()

    @classmethod
    def between(cls, start: datetime, end: datetime, *, backward: bool, texts: Sequence[str]) -> Window:
        """The window of two times."""
        return cls(_ns(start), _ns(end), backward, texts)

    def order(self, one: Found) -> tuple[int, str, int]:
        """Sorts lines as they are wanted."""
        sign = -1 if self.backward else 1
        return sign * one.line.timestamp_ns, one.run.id, sign * one.place.part


async def timeline(runs: Sequence[Run], logs: LogStore, window: Window) -> AsyncIterator[Found]:
    """The lines of the runs in the window, in order; not only those that have one of the texts.

    The event loop gets its turn after every batch.
    """
    heads: list[tuple[tuple[int, str, int], int, int, Sequence[Found]]] = []
    sources = [_lines(run, logs, window) for run in runs]

    async def refill(number: int) -> None:
        async for lines in sources[number]:
            heapq.heappush(heads, (window.order(lines[0]), number, 0, lines))
            break

    for number in range(len(sources)):
        await refill(number)
    while heads:
        _, number, index, lines = heapq.heappop(heads)
        yield lines[index]
        if index + 1 < len(lines):
            heapq.heappush(heads, (window.order(lines[index + 1]), number, index + 1, lines))
        else:
            await refill(number)


async def _lines(run: Run, logs: LogStore, window: Window) -> Lines:
    """Those of one run, a batch at a time."""
    for attempt in run.attempts[:: -1 if window.backward else 1]:
        async for batch in logs.batches(keys.run_logs(run.id, attempt.number), backward=window.backward):
            if not window.backward and batch.first_ns >= window.end_ns:
                return
            await asyncio.sleep(0)
            if lines := _wanted(run, attempt.number, batch, window):
                yield lines
            if window.backward and batch.first_ns < window.start_ns:
                return


def _wanted(run: Run, part: int, batch: Batch, window: Window) -> list[Found]:
    if batch.first_ns >= window.end_ns or (window.texts and not any(map(batch.may_have, window.texts))):
        return []
    lines = [
        Found(Place(part, cursor), line, run)
        for cursor, line in batch.lines()
        if window.start_ns <= line.timestamp_ns < window.end_ns
    ]
    return lines[:: -1 if window.backward else 1]


def _ns(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND * 1_000
