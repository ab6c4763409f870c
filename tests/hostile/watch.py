"""What the orchestrator and its Redis hold, four times a second, and what kept the event loop."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_INTERVAL_S: Final = 0.25
_STALL: Final = re.compile(
    r'^orchestrator_event_loop_stall_seconds_(count|sum)\{culprit="([^"]+)"\} (\S+)$', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes of memory."""

    resident: int
    store: int


class Watch:
    """Looks until it is stopped, and keeps the most since it was `reset`."""

    def __init__(self, look: Callable[[], Held]) -> None:
        self._look = look
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")
        self.peak = self.now = look()
        self.start = self._thread.start

    def reset(self) -> Held:
        """Forget the peak; what is held now."""
        self.peak = self.now = self._look()
        return self.now

    def _run(self) -> None:
        while not self._over.wait(_INTERVAL_S):
            self.now = now = self._look()
            self.peak = Held(max(self.peak.resident, now.resident), max(self.peak.store, now.store))

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()


@dataclass(frozen=True, slots=True)
class Stalls:
    """Of the event loop, by culprit: how many, and how many seconds together."""

    by_culprit: dict[str, tuple[int, float]]

    @classmethod
    def read(cls, metrics: str) -> Stalls:
        """From the text of /metrics."""
        found: dict[str, list[float]] = {}
        for kind, culprit, value in _STALL.findall(metrics):
            found.setdefault(culprit, [0, 0])[kind == "sum"] = float(value)
        return cls({culprit: (int(count), total_s) for culprit, (count, total_s) in found.items()})

    def since(self, before: Stalls) -> list[tuple[str, int, float]]:
        """What came to it, the longest first."""
        more = []
        for culprit, (count, total_s) in self.by_culprit.items():
            count_before, total_before_s = before.by_culprit.get(culprit, (0, 0.0))
            if count > count_before:
                more.append((culprit, count - count_before, total_s - total_before_s))
        return sorted(more, key=lambda one: -one[2])
