"""What was measured, as numbers to print: pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Unit = Literal["ms", "s", "/s", "%", "MiB"]
PERCENTILES: Final = (50, 95, 99)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent of the values do not exceed, between two of them on the straight line.

    percentile([10, 20, 30], 50) is 20, and of 75 it is 25. Raises ValueError where there are none.
    """
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True, slots=True)
class Series:
    """The measured values of one thing; `beside` names the series it is compared with."""

    name: str
    unit: Unit
    values: tuple[float, ...]
    beside: str = ""

    def percentile(self, percent: float) -> float:
        """See `percentile`."""
        return percentile(self.values, percent)

    @property
    def p50(self) -> float:
        """The median."""
        return self.percentile(50)


@dataclass(frozen=True, slots=True)
class Report:
    """All that was measured in one call. `notes` are facts beside the numbers, `leaks` what stayed behind, by kind."""

    series: tuple[Series, ...]
    notes: dict[str, str]
    leaks: dict[str, int]

    def ratio(self, one: Series) -> float | None:
        """Its median by that of the series it is compared with; None where there is no such series."""
        other = next((other for other in self.series if other.name == one.beside), None)
        return one.p50 / other.p50 if other is not None and other.p50 else None

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        return {"notes": self.notes, "leaks": self.leaks, "series": [self._document(one) for one in self.series]}

    def _document(self, one: Series) -> dict[str, Any]:
        percentiles = {f"p{percent}": round(one.percentile(percent), 3) for percent in PERCENTILES}
        ratio = self.ratio(one)
        compared = {} if ratio is None else {"beside": one.beside, "ratio": round(ratio, 4)}
        return {"name": one.name, "unit": one.unit, "samples": len(one.values), **percentiles, **compared}
