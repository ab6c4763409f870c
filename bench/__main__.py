"""``make bench``, after `orchestrator bench`: what else the documentation says in numbers, measured on this host."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import chained, death, flat, recovery, scale, shim, store
from orchestrator.cli.bench.own import OwnOrchestrator, own_orchestrator
from orchestrator.cli.bench.program import WORKFLOW
from orchestrator.engine.docker.build.command import SCRIPTS_DIR

ROUNDS: Final = 20
Row = tuple[str, str, str, str, str]


def main() -> None:
    """Print all of it as one table."""
    table = Table("what", "measured", "beside it", "ratio", "goal", title=f"medians of {ROUNDS}, this host, one call")
    docker = subprocess.check_output([SCRIPTS_DIR / "docker-cli"], text=True).strip()
    with Console(stderr=True).status("starting an orchestrator …") as status:
        with own_orchestrator(**recovery.ROOM, warm="off") as own:
            for title, rows in (
                ("death → known", _death(own, docker)),
                ("chained calls, our SDK and the official ones", _chained(own)),
                ("shim", _shim(own, docker)),
                (f"killed with {recovery.RUNS} runs in flight", _recovery(own)),
            ):
                status.update(f"{title} …")
                _add(table, rows)
        for title, rows in (
            ("store commands of a run", store.rows()),
            ("many runs through one orchestrator", flat.rows()),
            ("100,000 runs: some minutes", scale.rows()),
        ):
            status.update(f"{title} …")
            _add(table, rows)
    Console(width=110).print(table)


def _add(table: Table, rows: Iterator[Row]) -> None:
    for row in rows:
        table.add_row(*row)


def _death(own: OwnOrchestrator, docker: str) -> Iterator[Row]:
    death_ms = death.measure(own.client, f"{WORKFLOW}/wait", docker, rounds=ROUNDS)
    yield ("container killed → its run's end", _ms(median(death_ms)), f"worst {_ms(max(death_ms))}", "", "≤ 2000 ms")


def _chained(own: OwnOrchestrator) -> Iterator[Row]:
    orchestrator = (sys.executable, "-m", "orchestrator")
    chained_ms = chained.measure(own.client, orchestrator, own.data_dir.path)
    for sdk, call_ms in chained_ms.items():
        ratio = f"{call_ms / chained_ms['our own']:.2f}"
        yield (f"chained no-op, cold, {sdk}", _ms(call_ms), "parent and child the same", ratio, "")


def _shim(own: OwnOrchestrator, docker: str) -> Iterator[Row]:
    bare_ms, shim_ms = shim.measure(own.image, docker, rounds=ROUNDS)
    bare, more = f"python -c pass {_ms(bare_ms)}", f"+{shim_ms - bare_ms:.0f} ms"
    yield ("shim: process start → ready", _ms(shim_ms), bare, more, "≤ +60 ms")


def _recovery(own: OwnOrchestrator) -> Iterator[Row]:
    back = recovery.measure(own, f"{WORKFLOW}/wait", f"{WORKFLOW}/noop")
    serving = f"serves after {back.serving_s:.1f} s, {back.lost} lost"
    yield (f"killed with {recovery.RUNS} runs in flight", f"{back.working_s:.1f} s", serving, "", "≤ 3 s")


def _ms(value: float) -> str:
    return f"{value:.0f} ms"


if __name__ == "__main__":
    main()
