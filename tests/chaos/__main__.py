"""``make chaos``: the load under faults, and a table of what came of it; ends with 1 when any bad figure is above 0."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys

from rich.console import Console
from rich.table import Table

from tests.chaos.checker import BAD
from tests.chaos.suite import Outcome, play

RUNS_PER_MINUTE = 200


def main() -> int:
    """Play one round."""
    options = _options()
    console = Console(stderr=True)
    console.print(f"CHAOS_SEED={options.seed}")
    runs = max(options.runs, round(options.minutes * RUNS_PER_MINUTE))
    outcome = play(
        options.seed,
        runs=runs,
        duration_s=options.minutes * 60,
        tell=lambda text: console.print(f"  {text}", highlight=False),
    )
    if options.json:
        sys.stdout.write(json.dumps(_document(outcome), indent=2) + "\n")
    else:
        _show(outcome)
    return 0 if outcome.is_good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("CHAOS_SEED", 0)) or secrets.randbelow(10**6))
    parser.add_argument("--minutes", type=float, default=2.5, help="how long load and faults go on")
    parser.add_argument("--runs", type=int, default=620, help="so many are planned; canceled ones start fewer")
    parser.add_argument("--json", action="store_true", help="print the figures for a program")
    return parser.parse_args()


def _document(outcome: Outcome) -> dict[str, object]:
    return {
        "seed": outcome.seed,
        "isGood": outcome.is_good,
        "figures": dict(outcome.report.figures),
        "findings": {name: list(found) for name, found in outcome.report.findings.items() if found},
        "recoveredSeconds": [{"fault": fault, "seconds": seconds} for fault, seconds in outcome.recovered_s],
        "cleanAfterSeconds": outcome.clean_after_s,
        "leftOut": outcome.left_out,
    }


def _show(outcome: Outcome) -> None:
    table = Table("what", "figure", title=f"chaos, seed {outcome.seed}")
    for name, figure in outcome.report.figures.items():
        style = ("bold red" if figure else "green") if name in BAD else ""
        table.add_row(name, str(figure), style=style)
    table.add_row("faults", str(len(outcome.recovered_s)))
    table.add_row("back to work", f"median {outcome.median_s:.1f} s, worst {outcome.worst_s:.1f} s")
    table.add_row("nothing left after", f"{outcome.clean_after_s:.1f} s")
    if outcome.left_out:
        table.add_row("left out", outcome.left_out, style="yellow")
    console = Console(width=110)
    console.print(table)
    for name, found in outcome.report.findings.items():
        for line in found[:20]:
            console.print(f"{name}: {line}", style="red", highlight=False)


sys.exit(main())
