"""bench."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.bench.pattern import Pattern
from orchestrator.cli.command import command
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output

if TYPE_CHECKING:
    from orchestrator.cli.bench.arrivals import Workload
    from orchestrator.cli.bench.simulating import Choice, SimulatedHost

_PANEL: Final = "With --simulate"
_MOST_HOSTS: Final = 10_000


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app, is_local=True)(bench)


def bench(  # noqa: PLR0913  # options
    instance: Instance,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer samples: some five minutes.")] = False,
    samples: Annotated[int | None, typer.Option(min=1, help="Of what takes one container; 40 by default.")] = None,
    limit_s: Annotated[float | None, typer.Option(min=1, help="Begin nothing new after so many seconds.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write a picture of the latencies to this file.")] = None,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Measure nothing: compare settings on simulated hosts.")
    ] = False,
    pattern: Annotated[Pattern, typer.Option(help="How runs come.", rich_help_panel=_PANEL)] = Pattern.STEADY,
    hosts: Annotated[int, typer.Option(min=1, max=_MOST_HOSTS, rich_help_panel=_PANEL)] = 1,
    runs: Annotated[int, typer.Option(min=1, help="In all.", rich_help_panel=_PANEL)] = 2_000,
    rate: Annotated[float, typer.Option(min=0.001, help="Runs a second on each host.", rich_help_panel=_PANEL)] = 1.0,
    work_ms: Annotated[int, typer.Option(min=1, help="The median of a run's work.", rich_help_panel=_PANEL)] = 500,
    cpus: Annotated[float, typer.Option(min=0.1, help="Of each host.", rich_help_panel=_PANEL)] = 2.0,
    memory_gib: Annotated[float, typer.Option(min=0.5, help="Of each host.", rich_help_panel=_PANEL)] = 8.0,
    reserved_mib: Annotated[
        int | None, typer.Option(min=1, help="Reserved for a run; its plan's by default.", rich_help_panel=_PANEL)
    ] = None,
    pool: Annotated[
        list[int] | None, typer.Option(min=0, help="Waiting containers of a kind at most.", rich_help_panel=_PANEL)
    ] = None,
    pool_mib: Annotated[
        list[int] | None, typer.Option(min=0, help="What all waiting ones may use.", rich_help_panel=_PANEL)
    ] = None,
    overcommit: Annotated[
        list[float] | None,
        typer.Option(min=0.01, max=1, help="The share of a plan's CPU reserved.", rich_help_panel=_PANEL),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same arrivals for the same number.", rich_help_panel=_PANEL)] = 1,
) -> None:
    """Measure this machine: plain Docker beside orchestrators of its own, in turns, in one call.

    They live in a temporary directory and are taken down at the end, with all they made; an orchestrator that runs is left alone.

    With --simulate it plays arrivals over many hosts through the functions that decide on real ones. --pool, --pool-mib and
    --overcommit may be given several times: every combination is a row.
    """
    if simulate:
        from orchestrator.cli.bench.arrivals import Workload
        from orchestrator.cli.bench.simulating import SimulatedHost, choices
        from orchestrator.core.plans import GIB, MIB

        workload = Workload(pattern, hosts, runs, rate, work_ms=work_ms, seed=seed)
        reserved_bytes = None if reserved_mib is None else reserved_mib * MIB
        host = SimulatedHost(cpus, round(memory_gib * GIB), reserved_bytes=reserved_bytes)
        budgets_bytes = [size_mib * MIB for size_mib in pool_mib or [host.memory_bytes // 10 // MIB]]
        _simulate(instance, workload, host, choices(pool or [0, 5], budgets_bytes, overcommit or [0.25, 1.0]))
        return
    _measure(instance, quick, samples, limit_s, svg)


def _measure(instance: Instance, quick: bool, samples: int | None, limit_s: float | None, svg: Path | None) -> None:
    from dataclasses import replace

    from orchestrator.cli.bench.picture import picture
    from orchestrator.cli.bench.session import QUICK, Plan, measure
    from orchestrator.cli.views import bench as view

    plan = QUICK if quick else Plan()
    plan = replace(plan, samples=samples or plan.samples, limit_s=limit_s or plan.limit_s)
    with _sigterm_leaves(), output.waiting("Measuring"):
        report = measure(plan, docker_command(), lambda line: output.note(f"  {line}"))
    if svg is not None:
        svg.write_text(picture(report))
    if instance.as_json:
        output.document(report.as_json())
    else:
        output.out().print(view.table(report), soft_wrap=False)
        output.text(view.leaks(report))
    if any(report.leaks.values()):
        raise typer.Exit(exit_codes.FAILED)


@contextlib.contextmanager
def _sigterm_leaves() -> Iterator[None]:
    """A SIGTERM leaves the block as an error does: what was started in it is taken down."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def docker_command() -> str:
    """The command whose `run` is measured: the one that builds. Raises CliError."""
    from orchestrator.engine.docker.build.command import SCRIPTS_DIR

    found = subprocess.run([SCRIPTS_DIR / "docker-cli"], capture_output=True, text=True, check=False)
    if found.returncode:
        raise CliError(found.stderr.strip(), "see `orchestrator doctor`")
    return found.stdout.strip()


def _simulate(instance: Instance, workload: Workload, host: SimulatedHost, offered: Sequence[Choice]) -> None:
    from orchestrator.cli.bench.simulating import play
    from orchestrator.cli.views import bench as view

    with output.waiting(f"Playing {workload.runs:,} runs on {workload.hosts:,} hosts, {len(offered)} times"):
        played = list(play(workload, host, offered))
    if instance.as_json:
        output.document([one.as_json() for one in played])
    else:
        output.table(view.SIMULATED, [view.simulated(one) for one in played], empty="")
