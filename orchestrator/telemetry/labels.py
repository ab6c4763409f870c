"""Values of metrics' labels: as few as there are places, for each is a time series somebody must keep."""

from __future__ import annotations

from typing import Final

OTHER: Final = "other"


class Bounded:
    """The first `limit` values are told apart; all others are one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: set[tuple[str, ...]] = set()

    def of(self, *values: str) -> tuple[str, ...]:
        """The values, or `OTHER` for each of them."""
        if values not in self._known:
            if len(self._known) >= self._limit:
                return (OTHER,) * len(values)
            self._known.add(values)
        return values
