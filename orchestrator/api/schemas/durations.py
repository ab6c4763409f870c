"""The public shapes of how long runs took."""

from __future__ import annotations

from datetime import datetime

from orchestrator.api.schemas.shape import Shape


class Took(Shape):
    """Of some runs that ended: what half, and 95 of a hundred, took at most, and waited before; absent where none started."""

    runs: int
    failed: int
    p50_ms: int | None = None
    p95_ms: int | None = None
    waited_p95_ms: int | None = None


class TaskDurations(Took):
    """Of the runs of a task."""

    task: str


class IntervalDurations(Took):
    """Of the runs that ended in the five minutes from `at` on."""

    at: datetime


class Durations(Shape):
    """How long the runs of the last six hours took; `is_complete` is false where there were more than are looked at."""

    tasks: list[TaskDurations]
    intervals: list[IntervalDurations]
    is_complete: bool
