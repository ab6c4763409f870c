"""How long runs took, of their rows: by task, and by the time at which they ended; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.runs.summary import Summary

_FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class Took:
    """Of some runs that ended: how many, how many failed, and what half and 95 % of those that had started took at most.

    `waited_p95_ms` is from when they were asked for until they started. Times are None where none had started.
    """

    runs: int
    failed: int
    p50_ms: int | None
    p95_ms: int | None
    waited_p95_ms: int | None


def took(rows: Sequence[Summary]) -> Took:
    """Of these runs, which have ended."""
    started = [row for row in rows if row.started_at_ms is not None and row.completed_at_ms is not None]
    lengths = sorted((row.completed_at_ms or 0) - (row.started_at_ms or 0) for row in started)
    waits = sorted((row.started_at_ms or 0) - row.created_at_ms for row in started)
    failed = sum(row.status == _FAILED for row in rows)
    return Took(len(rows), failed, percentile(lengths, 50), percentile(lengths, 95), percentile(waits, 95))


def percentile(ascending: Sequence[int], percent: int) -> int | None:
    """The least of the values that so many of a hundred do not exceed: of 1, 2, 3, 4 the 50th is 2, the 95th 4."""
    return ascending[-(-len(ascending) * percent // 100) - 1] if ascending else None


def by_task(rows: Iterable[Summary]) -> dict[str, Took]:
    """Of each task, by its name."""
    found: dict[str, list[Summary]] = {}
    for row in rows:
        found.setdefault(row.task, []).append(row)
    return {task: took(found[task]) for task in sorted(found)}


def by_interval(rows: Iterable[Summary], starts: range) -> dict[int, Took]:
    """Of each of the intervals that begin so, in ms, of those that ended in it; none is left out."""
    found: dict[int, list[Summary]] = {start: [] for start in starts}
    for row in rows:
        ended_ms = row.completed_at_ms or 0
        if starts.start <= ended_ms < starts.stop:
            found[ended_ms - (ended_ms - starts.start) % starts.step].append(row)
    return {start: took(ended) for start, ended in found.items()}
