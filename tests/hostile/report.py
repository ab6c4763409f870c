"""What trials found, for people: a table in Markdown, and a line for each while they go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.hostile.canary import Flight, percentile, took
from tests.hostile.trial import Report
from tests.hostile.watch import Held

HEAD = (
    "| attack | canary beside honest work: accepted, over (p50/p99 s) | beside the attack | ratio | back after | "
    "orchestrator MiB | Redis MiB | what became of it | the loop was kept by |\n|---|---|---|---|---|---|---|---|---|"
)


def row(report: Report) -> str:
    """One trial as a row of the table."""
    failed = Counter(one.why for one in report.during if one.why)
    cells = (
        f"{'' if report.holds else '**!** '}{report.attack.name}",
        _times(report.control),
        _times(report.during) + (f", {sum(failed.values())} failed: {failed.most_common(1)[0][0]}" if failed else ""),
        f"{report.ratio:.1f}",
        "not" if report.recovered_s is None else f"{report.recovered_s:.0f} s",
        _held([one.resident for one in _three(report)]),
        _held([one.store for one in _three(report)]),
        _endings(report),
        "; ".join(
            f"{culprit.rpartition('.')[2]} {count}×, {total_s:.2f} s" for culprit, count, total_s in report.stalls[:2]
        ),
    )
    return "| " + " | ".join(cells) + " |"


def _three(report: Report) -> tuple[Held, Held, Held]:
    return report.before, report.peak, report.after


def _held(sizes: Sequence[int]) -> str:
    return " → ".join(f"{size / 2**20:.0f}" for size in sizes)


def _times(flights: list[Flight]) -> str:
    accepted = [one.accepted_s for one in flights]
    return f"{percentile(accepted, 0.5):.2f}/{percentile(accepted, 0.99):.2f}, {took(flights, 0.5):.1f}/{took(flights, 0.99):.1f}"


def _endings(report: Report) -> str:
    """The kinds of ends, each with how many there were of it, and after how long at most."""
    kinds = Counter((one.status, one.failure, one.message) for one in report.ended)
    said = []
    for (status, failure, message), count in kinds.most_common(2):
        after_s = max(one.after_s for one in report.ended if (one.status, one.failure) == (status, failure))
        words = " ".join(
            word for word in (f"{count} {status}", failure, f"({message[:90]})" if message else "") if word
        )
        said.append(f"{words} after {after_s:.1f} s")
    missing = report.attack.count - len(report.ended)
    return "; ".join(said).replace("|", "/").replace("\n", " ") + (f"; {missing} never ended" if missing else "")
