"""Moments and durations as people say them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400


def parse(stamp: str) -> datetime:
    """An API timestamp."""
    return datetime.fromisoformat(stamp)


def duration(seconds: float) -> str:
    """0.42 → ``0.42 s``, 12.34 → ``12.3 s``, 192 → ``3 min 12 s``, 7300 → ``2 h 1 min``."""
    if seconds < 9.995:
        return f"{max(seconds, 0):.2f} s"
    if seconds < _MINUTE_S:
        return f"{seconds:.1f} s"
    if seconds < _HOUR_S:
        return f"{int(seconds // _MINUTE_S)} min {int(seconds % _MINUTE_S)} s"
    return f"{int(seconds // _HOUR_S)} h {int(seconds % _HOUR_S // _MINUTE_S)} min"


def ago(stamp: str, now: datetime | None = None) -> str:
    """How long since the moment: ``just now``, ``40 s ago``, ``3 min ago``, ``2 h ago``, ``5 d ago``."""
    passed_s = ((now or datetime.now(UTC)) - parse(stamp)).total_seconds()
    for unit, name in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min"), (1, "s")):
        if passed_s >= unit:
            return f"{int(passed_s // unit)} {name} ago"
    return "just now"


def wait_time(run: dict[str, Any], now: datetime | None = None) -> str:
    """How long the run waited for its first attempt, or waits until now."""
    end = run.get("startedAt") or run.get("completedAt")
    until = parse(end) if end else now or datetime.now(UTC)
    return duration((until - parse(run["createdAt"])).total_seconds())


def until(stamp: str, now: datetime | None = None) -> str:
    """How long until the moment, nothing when it has passed."""
    return duration((parse(stamp) - (now or datetime.now(UTC))).total_seconds())


def run_time(run: dict[str, Any], now: datetime | None = None) -> str:
    """How long the run took, or takes until now; empty before it starts."""
    start = run.get("startedAt")
    if not start:
        return ""
    end = run.get("completedAt")
    until = parse(end) if end else now or datetime.now(UTC)
    return duration((until - parse(start)).total_seconds())
