"""What `bench` measured or simulated, as tables."""

from __future__ import annotations

from typing import Final

from rich.console import RenderableType
from rich.table import Table

from orchestrator.cli.bench.samples import PERCENTILES, Report, Series, percentile
from orchestrator.cli.bench.simulating import Played
from orchestrator.core.plans import MIB


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


SIMULATED: Final = (
    *("pool", "budget MiB", "overcommit", "queued p50 ms", "p99", "first line p50 ms", "p99", "warm"),
    *("runs at once", "waiting", "MiB"),
)
"""Of the table of `simulated`; the last three are what the fullest host had."""


def simulated(one: Played) -> list[str]:
    """The row of a choice."""
    choice, outcome = one.choice, one.outcome
    return [
        str(choice.pool),
        f"{choice.budget_bytes / MIB:.0f}",
        f"{choice.overcommit:g}",
        *(
            f"{percentile(values, percent):,.0f}"
            for values in (outcome.queued_ms, outcome.waits_ms)
            for percent in (50, 99)
        ),
        f"{outcome.hit_rate:.1%}",
        str(outcome.most_running),
        str(outcome.most_warm),
        f"{outcome.most_memory_bytes / MIB:,.0f}",
    ]
