"""Several observers as one that never fails: what they do with what they hear is no reason for a run to."""

from __future__ import annotations

import logging
from collections.abc import Callable

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs.events import Event
from orchestrator.core.runs.observer import Observer
from orchestrator.core.runs.run import Run

log = logging.getLogger(__name__)


class Observers:
    """Tells each of them."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def changed(self, event: Event, run: Run) -> None:
        """Tell each of the change."""
        for observer in self._observers:
            _guarded(lambda observer=observer: observer.changed(event, run))  # type: ignore[misc]

    def left(self, run: Run, attempt: int, found: Forensics) -> None:
        """Tell each of the attempt that is gone."""
        for observer in self._observers:
            _guarded(lambda observer=observer: observer.left(run, attempt, found))  # type: ignore[misc]


def _guarded(tell: Callable[[], None]) -> None:
    try:
        tell()
    except Exception:
        log.exception("an observer of runs failed: a bug in the orchestrator")
