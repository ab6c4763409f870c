"""Who is told what became of runs, once it is stored: to count it and to show it, never to decide."""

from __future__ import annotations

from typing import Final, Protocol

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs.events import Event
from orchestrator.core.runs.run import Run


class Observer(Protocol):
    """Answers at once, and raises nothing."""

    def changed(self, event: Event, run: Run) -> None:
        """The event has made the run what it is now."""

    def left(self, run: Run, attempt: int, found: Forensics) -> None:
        """Nothing of the attempt's container is left."""


class _Nobody:
    def changed(self, event: Event, run: Run) -> None: ...

    def left(self, run: Run, attempt: int, found: Forensics) -> None: ...


NOBODY: Final[Observer] = _Nobody()
