"""How much one container may send: token buckets, taken from as it arrives and before anybody looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(slots=True)
class Bucket:
    """Holds `burst` at first and at most, and `per_s` more each second; may be overdrawn, and then is in debt."""

    burst: float
    per_s: float
    left: float = -1.0
    at_s: float | None = None

    def take(self, count: float, *, now_s: float) -> bool:
        """Take so many; False when there were less. `now_s` is any clock that only goes forward."""
        had = self.burst if self.at_s is None else min(self.burst, self.left + (now_s - self.at_s) * self.per_s)
        self.left, self.at_s = had - count, now_s
        return self.left >= 0

    @property
    def debt_s(self) -> float:
        """How long until it is out of debt."""
        return max(0.0, -self.left / self.per_s) if self.at_s is not None else 0.0


_MIB: Final = 1024 * 1024


def sent_bytes() -> Bucket:
    """What arrives from a container: 64 MiB at once are sixteen inputs at their limit. Who sends more has to wait."""
    return Bucket(64 * _MIB, 16 * _MIB)


def told_bytes() -> Bucket:
    """What a container is told: answers it asks for again and again are read from the store each time."""
    return Bucket(256 * _MIB, 16 * _MIB)


def work_s() -> Bucket:
    """The time it takes this process to understand what a container sends: all others wait meanwhile."""
    return Bucket(1.0, 0.2)


def commands() -> Bucket:
    """A parent of 10,000 chained runs asks for all at once; later it says for each when it waits, and reads its answer."""
    return Bucket(12_000, 1_000)


def connections() -> Bucket:
    """A shim has two, and makes them again when they break, at first every 50 ms."""
    return Bucket(100, 4)
