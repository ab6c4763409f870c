"""doctor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from typing import Annotated, Final

import typer

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.doctor import serving, trial
from orchestrator.cli.doctor.checks import Check, Subject, Verdict, examine
from orchestrator.cli.doctor.machine import Machine
from orchestrator.cli.instance import configuration
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output

_MARKS: Final = {
    Verdict.OK: "[green]✓[/] ok  ",
    Verdict.WARN: "[yellow]![/] warn",
    Verdict.FAIL: "[red]✗[/] fail",
}


def add_to(app: typer.Typer) -> None:
    """Make this command part of the app."""
    command(app, is_local=True)(doctor)


def doctor(
    instance: Instance,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also build an image and run a task, start to end: about 15 s.")
    ] = False,
) -> None:
    """Say what is wrong with this machine, and the command that mends it."""
    settings = configuration.read(instance.data_dir.path, {})
    machine = Machine()
    subject = Subject(
        machine, instance.data_dir, settings.host, settings.port, settings.network, settings.container_runtime
    )
    found = chain(examine(subject), serving.examine(instance, machine))
    if deep:
        found = chain(found, trial.examine(instance, settings, machine))
    checks = list(found) if instance.as_json else _shown(found)
    if instance.as_json:
        output.document([asdict(check) for check in checks])
    if any(check.verdict is Verdict.FAIL for check in checks):
        raise typer.Exit(exit_codes.FAILED)


def _shown(found: Iterable[Check]) -> list[Check]:
    """The checks, each printed as soon as it is made."""
    checks = []
    for check in found:
        checks.append(check)
        output.out().print(f"{_MARKS[check.verdict]}  {check.name:<15} ", end="")
        output.text(check.message)
        if check.fix:
            output.out().print(f"{'':24}[cyan]→[/] ", end="")
            output.text(check.fix)
    _sum_up(checks)
    return checks


def _sum_up(checks: list[Check]) -> None:
    failed = sum(check.verdict is Verdict.FAIL for check in checks)
    warned = sum(check.verdict is Verdict.WARN for check in checks)
    if not failed:
        output.text("Ready." if not warned else f"Ready, with {warned} to look at.")
    else:
        output.text(f"{failed} to mend: run what stands beside the arrows, then `orchestrator doctor` again.")
