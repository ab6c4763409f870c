"""The demo: starts an orchestrator, deploys an example, runs it over HTTP, and shows what happened.

Run by ``make demo``; a second time it finds everything there and takes seconds. The orchestrator is left running.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import typer

from orchestrator.cli import configuration, daemon, output, source, state, times, trees_view, watching
from orchestrator.cli.command import with_failures_shown
from orchestrator.cli.connection import Connection
from orchestrator.cli.deploy import send
from orchestrator.cli.errors import CliError
from orchestrator.cli.host import Host
from orchestrator.cli.instance import Instance
from orchestrator.cli.run import result
from orchestrator.cli.run_tree import Node
from orchestrator.data_dir import DataDir

_ROOT: Final = Path(__file__).parents[2]
_EXAMPLE: Final = _ROOT / "examples" / "quickstart"


@dataclass(frozen=True, slots=True)
class Wish:
    """A run to ask for; `may_fail` when chance decides."""

    task: str
    input: list[Any] = field(default_factory=list)
    may_fail: bool = False


_WISHES: Final = (
    Wish("quickstart/calculate_square", [12]),
    Wish("quickstart/sum_squares", [3, 4]),
    Wish("quickstart/flip_coin", may_fail=True),
    Wish("quickstart/process_photo_upload", [["cat.jpg", "dog.jpg", "owl.jpg"]]),
)


def main() -> None:
    """Give the demo."""
    typer.run(run)


def run() -> None:
    """Start an orchestrator, deploy an example, run it, and show what happened."""
    with_failures_shown(demo)


def demo() -> None:
    """All of it. Raises CliError."""
    instance = Instance(DataDir(Path(os.environ.get("ORCHESTRATOR_DATA_DIR") or _ROOT / ".orchestrator")))
    _heading(1, "An orchestrator")
    running = _start(instance)
    _heading(2, f"A workflow: {_EXAMPLE.relative_to(_ROOT)}")
    _deploy(instance)
    _heading(3, "Runs, each attempt in a container of its own")
    with instance.connect() as api:
        trees = _run_all(api)
    _heading(4, "Results")
    _show_results(trees)
    _heading(5, "Your turn")
    _show_what_next(running)
    _check(trees)


def _heading(number: int, title: str) -> None:
    output.out().print(f"\n[bold cyan]{number}[/] [bold]{title}[/]")


def _done(line: str, began_s: float) -> None:
    output.out().print(f"  [green]✓[/] {line} [dim]{times.duration(time.monotonic() - began_s)}[/]")


def _start(instance: Instance) -> daemon.Daemon:
    began_s = time.monotonic()
    settings = configuration.read(instance.data_dir.path, {"port": _free_port()})
    running = daemon.start(instance.data_dir, configuration.environment(settings))
    _done(f"{'runs already' if running.was_running else 'started'}: {running.url}", began_s)
    return running


def _free_port() -> int | None:
    """None keeps the usual port, 0 asks for any: the demo should not fail because somebody else has the usual one."""
    settings = configuration.read(_ROOT, {})
    is_taken = "port" not in settings.model_fields_set and Host().listen_error(settings.host, settings.port)
    return 0 if is_taken else None


def _deploy(instance: Instance) -> None:
    began_s = time.monotonic()
    archive = source.packed(str(_EXAMPLE), None)
    deployed = send(instance, source.body("quickstart", archive, source=str(_EXAMPLE)))
    names = ", ".join(sorted(task["name"] for task in deployed.tasks))
    _done(f"image built, {len(deployed.tasks)} tasks registered: {names}", began_s)


def _run_all(api: Connection) -> list[Node]:
    ids = [api.post("/task-runs", {"task": wish.task, "input": wish.input})["id"] for wish in _WISHES]
    with trees_view.shown() as show:
        return watching.until_over(api, ids, show)


def _show_results(trees: Sequence[Node]) -> None:
    from rich.pretty import Pretty
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for wish, node in zip(_WISHES, trees, strict=True):
        arguments = ", ".join(repr(argument) for argument in wish.input)
        is_success = node.run["status"] in state.SUCCESS
        shown = Pretty(result(node.run)) if is_success else f"[red]{node.run.get('error') or node.run['status']}[/]"
        table.add_row(f"  {wish.task.rpartition('/')[2]}({arguments})", "→", shown)
    output.out().print(table, soft_wrap=False)


def _show_what_next(running: daemon.Daemon) -> None:
    key = running.data_dir.api_key_path
    body = '{"task": "quickstart/sum_squares", "input": [3, 4]}'
    option = daemon.data_dir_option(running.data_dir)
    output.text(f"  The API listens at {running.url}; its key is in {key}")
    output.text("")
    output.text(f'  curl {running.url}/v1/task-runs -H "Authorization: Bearer $(cat {key})" \\')
    output.text(f"       -H 'Content-Type: application/json' -d '{body}'")
    output.text("")
    output.text(f"  .venv/bin/orchestrator run quickstart/sum_squares 3 4{option}")
    output.text(f"  .venv/bin/orchestrator runs list{option}")
    output.text("")
    output.text("  make stop      stops it")


def _check(trees: Sequence[Node]) -> None:
    for wish, node in zip(_WISHES, trees, strict=True):
        if node.run["status"] not in state.SUCCESS and not wish.may_fail:
            raise CliError(
                f"{wish.task} {node.run['status']}: {node.run.get('error') or 'no reason is known'}",
                "the orchestrator's log may say more: .orchestrator/orchestrator.log",
            )


if __name__ == "__main__":
    main()
