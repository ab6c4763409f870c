"""Watches over capacity from inside: what is held at every start of a run."""

from __future__ import annotations

import pytest

from orchestrator.core.capacity import Amount, total
from orchestrator.core.run import Run
from orchestrator.scheduler.supervisors import Supervisors


def watch_starts(monkeypatch: pytest.MonkeyPatch, capacity: Amount) -> list[bool]:
    """Gets one entry for each start: whether all that is held fits, or only waiting parents were there (the progress rule)."""
    kept: list[bool] = []
    start = Supervisors.start

    def watched(self: Supervisors, run: Run, *adopted: object) -> None:
        is_progress = all(holder.is_waiting for holder in self.holders())
        start(self, run, *adopted)  # type: ignore[arg-type]
        if not adopted:
            kept.append(is_progress or total(self.holders(), capacity).fits(capacity))

    monkeypatch.setattr(Supervisors, "start", watched)
    return kept
