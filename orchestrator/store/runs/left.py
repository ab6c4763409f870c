"""What is known of an attempt only after its end, which does not change its run any more: kept beside the run's document.

A note is ``attempt:acknowledged:removed``, moments in ms, empty where there is none; the newest of an attempt counts.
"""

from __future__ import annotations

from dataclasses import replace

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs.run import Attempt, Run


def note(attempt: int, found: Forensics) -> str:
    """What to keep of the attempt."""
    return f"{attempt}:{found.acknowledged_at_ms or ''}:{found.removed_at_ms or ''}"


def with_notes(run: Run, notes: str | None) -> Run:
    """The run with what was kept of its attempts."""
    if not notes:
        return run
    by_attempt = {int(number): moments for number, *moments in (text.split(":") for text in notes.split(" "))}
    return replace(run, attempts=tuple(_with(attempt, by_attempt.get(attempt.number)) for attempt in run.attempts))


def _with(attempt: Attempt, moments: list[str] | None) -> Attempt:
    if moments is None:
        return attempt
    acknowledged, removed = (int(text) if text else None for text in moments)
    found = replace(attempt.forensics, acknowledged_at_ms=acknowledged, removed_at_ms=removed)
    return replace(attempt, forensics=found)
