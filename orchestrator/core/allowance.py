"""How much one of many may ask for: so many requests a second, and so many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_BURST_S: Final = 2.0
"""What was not used of so much time may be used at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The same for everybody; `open_requests` counts streams, which are open for long."""

    requests_per_s: float = 2_000.0
    open_requests: int = 1_000


@dataclass(slots=True)
class Allowance:
    """What is left to one, at a time in seconds of any steady clock."""

    limits: Limits
    at_s: float
    left: float = 0.0
    open_requests: int = 0

    def __post_init__(self) -> None:
        self.left = self._most

    @property
    def _most(self) -> float:
        return max(1.0, self.limits.requests_per_s * _BURST_S)

    def take(self, now_s: float) -> float:
        """Ask for one more: 0 if that may be, else the seconds after which it may."""
        self._grow(now_s)
        if self.left < 1:
            return (1 - self.left) / self.limits.requests_per_s
        self.left -= 1
        return 0.0

    def is_untouched(self, now_s: float) -> bool:
        """Whether nothing would be different if this was forgotten."""
        self._grow(now_s)
        return not self.open_requests and self.left >= self._most

    def _grow(self, now_s: float) -> None:
        self.left = min(self._most, self.left + (now_s - self.at_s) * self.limits.requests_per_s)
        self.at_s = now_s
