"""bench."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance import Instance
from orchestrator.cli.views import output


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app, is_local=True)(bench)


def bench(
    instance: Instance,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer samples: some two minutes instead of ten.")] = False,
    samples: Annotated[int | None, typer.Option(min=1, help="Of what takes one container; 40 by default.")] = None,
    limit_s: Annotated[float | None, typer.Option(min=1, help="Begin nothing new after so many seconds.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write a picture of the latencies to this file.")] = None,
) -> None:
    """Measure this machine: plain Docker beside orchestrators of its own, in turns, in one call.

    They live in a temporary directory and are taken down at the end, with all they made; an orchestrator that runs is left alone.
    """
    from dataclasses import replace

    from orchestrator.cli.bench.picture import picture
    from orchestrator.cli.bench.session import QUICK, Plan, measure
    from orchestrator.cli.views import bench as view

    plan = QUICK if quick else Plan()
    plan = replace(plan, samples=samples or plan.samples, limit_s=limit_s or plan.limit_s)
    with output.waiting("Measuring"):
        report = measure(plan, _docker_command(), lambda line: output.note(f"  {line}"))
    if svg is not None:
        svg.write_text(picture(report))
    if instance.as_json:
        output.document(report.as_json())
    else:
        output.out().print(view.table(report), soft_wrap=False)
        output.text(view.leaks(report))
    if any(report.leaks.values()):
        raise typer.Exit(exit_codes.FAILED)


def _docker_command() -> str:
    from orchestrator.engine.docker.build.command import SCRIPTS_DIR

    found = subprocess.run([SCRIPTS_DIR / "docker-cli"], capture_output=True, text=True, check=False)
    if found.returncode:
        raise CliError(found.stderr.strip(), "see `orchestrator doctor`")
    return found.stdout.strip()
