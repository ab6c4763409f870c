"""Watches over capacity from inside: what is held at every start of a run."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from orchestrator.core.scheduling.capacity import STRICT, Amount
from orchestrator.scheduler.attempt.supervisor import Supervisor
from orchestrator.scheduler.supervisors import Supervisors


def watch_starts(monkeypatch: pytest.MonkeyPatch, capacity: Amount) -> list[bool]:
    """Gets one entry for each start: whether all that is held fits, or only waiting parents were there (the progress rule)."""
    kept: list[bool] = []
    start = Supervisors.start

    def watched(self: Supervisors, supervisor: Supervisor, opened: ExitStack) -> None:
        is_progress = all(holder.is_waiting for holder in self.holders())
        start(self, supervisor, opened)
        if not supervisor.container_id:  # else it is adopted
            kept.append(is_progress or STRICT.total(self.holders(), capacity).fits(capacity))

    monkeypatch.setattr(Supervisors, "start", watched)
    return kept
