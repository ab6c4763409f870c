"""How much to reserve for a task whose attempts were seen.

One attempt says little, the largest of the latest ones a lot: most tasks do the same again. The margin is for those that do a
little more. Who needs much more memory is stopped by its own cap, or, when all containers together meet their limit, started again
with its whole plan reserved; who needs more CPU gets what the others leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from orchestrator.core.plans import MIB
from orchestrator.core.runs.run import Attempt, FailureClass

SEEN_MIN: Final = 5
"""Fewer attempts say nothing yet."""
SEEN_MAX: Final = 20
"""Older ones are forgotten: data changes."""
_MARGIN: Final = 1.25
_MARGIN_BYTES: Final = 32 * MIB
_MARGIN_MILLIS: Final = 20
"""Of CPU: so much goes to Docker's own programs around each container."""
_SAYS_NOTHING: Final = frozenset({FailureClass.INFRA, FailureClass.CANCELED})
"""Such an attempt was ended before it did what the task does."""


class Seen(NamedTuple):
    """What one attempt used: its peak of memory, and its CPU on average (1000 millis are one CPU)."""

    memory_bytes: int
    cpu_millis: int


class Need(NamedTuple):
    """What to reserve for an attempt, at most its plan's share; None for that."""

    memory_bytes: int | None = None
    cpu_millis: int | None = None


UNKNOWN: Final = Need()


def seen(attempt: Attempt) -> Seen | None:
    """What the attempt shows of its task; None when it ended for another reason than its task, or was not measured."""
    measured, failure = attempt.forensics.measured, attempt.failure
    if attempt.started_at_ms is None or attempt.ended_at_ms is None or (failure and failure.cls in _SAYS_NOTHING):
        return None
    if measured.peak_memory_bytes is None or measured.cpu_ms is None:
        return None
    worked_ms = max(1, attempt.ended_at_ms - attempt.started_at_ms)
    return Seen(measured.peak_memory_bytes, measured.cpu_ms * 1000 // worked_ms)


def estimate(latest: Sequence[Seen]) -> Need:
    """What the next attempt needs, judged by the latest ones, in any order; unknown until enough were seen."""
    if len(latest) < SEEN_MIN:
        return UNKNOWN
    return Need(
        round(max(one.memory_bytes for one in latest) * _MARGIN) + _MARGIN_BYTES,
        round(max(one.cpu_millis for one in latest) * _MARGIN) + _MARGIN_MILLIS,
    )
