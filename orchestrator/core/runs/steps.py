"""The way of an attempt from the queue to the removal of its container, as steps one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orchestrator.core.runs.run import Attempt

_AHEAD: Final = frozenset({"created", "started"})
"""What came before the attempt, where its container was started ahead."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the attempt came to, and when it had come to what was before; `name` is one of a handful."""

    name: str
    from_ms: int
    to_ms: int


def steps(attempt: Attempt) -> Iterator[Step]:
    """Those that are known, in order."""
    found = attempt.forensics
    moments = {
        "claimed": attempt.claimed_at_ms,
        "created": found.created_at_ms,
        "started": found.container_started_at_ms,
        "ready": found.ready_at_ms,
        "assigned": attempt.assigned_at_ms,
        "first_line": found.first_line_at_ms,
        "finished": attempt.ended_at_ms,
        "acknowledged": found.acknowledged_at_ms,
        "removed": found.removed_at_ms,
    }
    before_ms = attempt.queued_at_ms
    for name, at_ms in moments.items():
        if at_ms is None or (found.is_warm and name in _AHEAD):
            continue
        if before_ms is not None:
            yield Step(name, before_ms, max(before_ms, at_ms))
        before_ms = max(before_ms or 0, at_ms)
