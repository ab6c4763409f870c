"""The medians of what takes milliseconds as bars, with a whisker to the 99th percentile: an SVG for the docs, pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from orchestrator.cli.bench.samples import Report, Series

WIDTH_PX: Final = 760
_LABEL_PX: Final = 190
_VALUE_PX: Final = 150
_ROW_PX: Final = 30
_TOP_PX: Final = 44
_BAR_PX: Final = 16
_OURS: Final = "#2563eb"
_OTHERS: Final = "#94a3b8"


def picture(report: Report) -> str:
    """An SVG document; the scale is logarithmic, for warm and cold are powers apart. Raises ValueError without such series."""
    shown = [one for one in report.series if one.unit == "ms" and " CPU " not in one.name]
    if not shown:
        raise ValueError("nothing that takes milliseconds was measured")
    height = _TOP_PX + _ROW_PX * len(shown) + 12
    scale = _Scale.of(shown)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH_PX}" height="{height}" fill="#ffffff"/>',
        '<text x="12" y="24" fill="#0f172a">Submit to result of a no-op: median, whisker to the 99th percentile, '
        "logarithmic</text>",
        *(line for number, one in enumerate(shown) for line in _row(one, _TOP_PX + number * _ROW_PX, scale)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


class _Scale:
    """Milliseconds to pixels from the left end of the bars."""

    def __init__(self, least_ms: float, most_ms: float) -> None:
        self._least = math.log10(least_ms)
        self._span = max(math.log10(most_ms) - self._least, 1e-9)

    @classmethod
    def of(cls, shown: Sequence[Series]) -> _Scale:
        """From half the smallest median, so that it has a bar, too."""
        return cls(min(one.p50 for one in shown) / 2, max(one.percentile(99) for one in shown))

    def px(self, value_ms: float) -> float:
        return round((math.log10(value_ms) - self._least) / self._span * (WIDTH_PX - _LABEL_PX - _VALUE_PX), 1)


def _row(one: Series, top: int, scale: _Scale) -> list[str]:
    middle = top + _BAR_PX / 2
    end, far = _LABEL_PX + scale.px(one.p50), _LABEL_PX + scale.px(one.percentile(99))
    color = _OTHERS if "docker" in one.name.lower() else _OURS
    said = f"{one.p50:.0f} ms, p99 {one.percentile(99):.0f}"
    return [
        f'<text x="{_LABEL_PX - 8}" y="{top + 13}" text-anchor="end" fill="#0f172a">{escape(one.name)}</text>',
        f'<rect x="{_LABEL_PX}" y="{top}" width="{end - _LABEL_PX:.1f}" height="{_BAR_PX}" rx="2" fill="{color}"/>',
        f'<line x1="{end:.1f}" y1="{middle}" x2="{far:.1f}" y2="{middle}" stroke="#334155"/>',
        f'<text x="{far + 8:.1f}" y="{top + 13}" fill="#334155">{said}</text>',
    ]
