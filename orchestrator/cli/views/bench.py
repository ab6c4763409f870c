"""What `bench` measured, as a table."""

from __future__ import annotations

from typing import Final

from rich.console import RenderableType
from rich.table import Table

from orchestrator.cli.bench.samples import PERCENTILES, Report, Series


def table(report: Report) -> RenderableType:
    """One row for each series, in the order in which they were measured."""
    shown = Table(
        "what", "unit", "n", *(f"p{percent}" for percent in PERCENTILES), "ratio", "beside", title=_title(report)
    )
    for one in report.series:
        ratio = report.ratio(one)
        percentiles = (number(one, percent) for percent in PERCENTILES)
        shown.add_row(
            one.name,
            one.unit,
            str(len(one.values)),
            *percentiles,
            "" if ratio is None else f"{ratio:.2f}",
            "" if ratio is None else one.beside,
        )
    for name in ("n", *(f"p{percent}" for percent in PERCENTILES), "ratio"):
        next(column for column in shown.columns if column.header == name).justify = "right"
    return shown


_ENOUGH: Final = {95: 10, 99: 20}
"""With fewer samples than these, a percentile would only repeat the largest."""


def number(one: Series, percent: float) -> str:
    """Three digits that count; nothing for a percentile of too few values."""
    if len(one.values) < _ENOUGH.get(round(percent), 0):
        return ""
    value = one.percentile(percent)
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def leaks(report: Report) -> str:
    """What stayed behind, in a line."""
    counts = ", ".join(f"{kind} {count}" for kind, count in report.leaks.items())
    return f"left behind: {counts}"


def _title(report: Report) -> str:
    return ", ".join(f"{name} {value}" for name, value in report.notes.items())
