"""What an attempt's container used and when, as lines for people."""

from __future__ import annotations

from typing import Any, Final

from orchestrator.cli.views import times

_MIB: Final = 1024 * 1024
_STEPS: Final = (
    ("claimedAt", "queued"),
    ("createdAt", "created"),
    ("containerStartedAt", "started"),
    ("readyAt", "ready"),
    ("assignedAt", "assigned"),
    ("firstLineAt", "first line"),
    ("completedAt", "worked"),
    ("acknowledgedAt", "acknowledged"),
    ("removedAt", "removed"),
)
"""Each moment, and the word for the time before it."""
_AHEAD: Final = ("createdAt", "containerStartedAt")
"""What came before the attempt, where its container was started ahead."""


def lines(attempt: dict[str, Any]) -> list[str]:
    """How the process ended, what it used, how its time was spent, and what to do about it; nothing from older servers."""
    found = attempt.get("forensics") or {}
    facts = (_ending(attempt, found), _memory(found), _cpu(found), _image(found))
    rows = [" · ".join(filter(None, facts)), _timings(attempt, found), *found.get("advice", ())]
    return [row for row in rows if row]


def _ending(attempt: dict[str, Any], found: dict[str, Any]) -> str:
    code = attempt.get("exitCode")
    if code is None:
        return ""
    return f"exit {code} ({found['signal']})" if found.get("signal") else f"exit {code}"


def _memory(found: dict[str, Any]) -> str:
    peak, limit = found.get("peakMemoryBytes"), found.get("memoryLimitBytes")
    return f"memory {peak // _MIB} of {limit // _MIB} MiB" if peak is not None and limit else ""


def _cpu(found: dict[str, Any]) -> str:
    if found.get("cpuMs") is None:
        return ""
    throttled = found.get("throttledMs")
    used = f"CPU {times.duration(found['cpuMs'] / 1000)}"
    return f"{used}, throttled {times.duration(throttled / 1000)}" if throttled else used


def _image(found: dict[str, Any]) -> str:
    image = str(found.get("image") or "")
    return f"image {image.removeprefix('sha256:')[:12]}" if image else ""


def _timings(attempt: dict[str, Any], found: dict[str, Any]) -> str:
    timings = found.get("timings") or {}
    moments, is_warm = attempt | timings, found.get("startedAhead")
    parts, before = ["warm"] if is_warm else [], timings.get("queuedAt") or attempt.get("enqueuedAt")
    for name, word in _STEPS:
        if is_warm and name in _AHEAD:
            continue
        if (at := moments.get(name)) and before:
            parts.append(f"{word} {_short((times.parse(at) - times.parse(before)).total_seconds())}")
        before = at or before
    return " · ".join(parts) if timings else ""


def _short(seconds: float) -> str:
    return f"{round(max(seconds, 0) * 1000)} ms" if seconds < 0.9995 else times.duration(seconds)
