"""The demo: starts an orchestrator, deploys an example, runs it over HTTP, and shows what happened.

A second time it finds everything there and takes seconds. The orchestrator is left running, where every other command finds it.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from orchestrator import BUNDLED_DIR
from orchestrator.app.data_dir import DataDir
from orchestrator.cli import watching
from orchestrator.cli.commands.deploy import send
from orchestrator.cli.doctor.machine import Machine
from orchestrator.cli.errors import CliError
from orchestrator.cli.input import source
from orchestrator.cli.instance import configuration, daemon
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import live_trees, output, state, times
from orchestrator.cli.views.run_tree import Node, render
from orchestrator.cli.views.state import result
from orchestrator_sdk.client import Client

_CALL_CHARS: Final = 48
_EXAMPLE: Final = BUNDLED_DIR / "quickstart"


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
    Wish("quickstart/flip_coin", may_fail=True),
    Wish("quickstart/flip_coin", may_fail=True),
    Wish("quickstart/process_photo_upload", [["cat.jpg", "dog.jpg", "owl.jpg"]]),
)


def demo(instance: Instance) -> None:
    """All of it. Raises CliError."""
    _heading(1, "An orchestrator")
    running = _start(instance)
    _heading(2, "A workflow: quickstart")
    _deploy(instance)
    _heading(3, "Runs, each attempt in a container of its own")
    with instance.connect() as api:
        trees = _run_all(api)
    _heading(4, "Results")
    _show_results(trees)
    _heading(5, "Your turn")
    _show_what_next(running)
    _check(trees, instance.data_dir)


def _heading(number: int, title: str) -> None:
    output.out().print(f"\n[bold cyan]{number}[/] [bold]{title}[/]")


def _done(line: str, began_s: float | None = None) -> None:
    took = "" if began_s is None else f" [dim]({times.duration(time.monotonic() - began_s)})[/]"
    output.out().print(f"  [green]✓[/] {line}{took}")


def _start(instance: Instance) -> daemon.Daemon:
    began_s = time.monotonic()
    settings = configuration.read(instance.data_dir.path, {"port": _free_port(instance.data_dir)})
    running = daemon.start(instance.data_dir, configuration.environment(settings))
    _done(f"it {'runs already' if running.was_running else 'started'}: {running.url}", began_s)
    return running


def _free_port(data_dir: DataDir) -> int | None:
    """None keeps the usual port, 0 asks for any: the demo should not fail because somebody else has the usual one."""
    settings = configuration.read(data_dir.path, {})
    if data_dir.pid() or "port" in settings.model_fields_set:
        return None
    reason = Machine().listen_error(settings.host, settings.port)
    if reason:
        output.note(f"  {reason}. The demo takes any free one.")
    return 0 if reason else None


def _deploy(instance: Instance) -> None:
    began_s = time.monotonic()
    archive = source.packed(str(_EXAMPLE))
    deployed = send(instance, "quickstart", {"archive": archive, "source": str(_EXAMPLE)})
    _done(f"its image is ready as version {deployed.version.name}", began_s)
    names = ", ".join(sorted(task.name for task in deployed.tasks))
    _done(f"it registered {len(deployed.tasks)} tasks: {names}")


def _run_all(api: Client) -> list[Node]:
    ids = [api.start(wish.task, wish.input).id for wish in _WISHES]
    with live_trees.shown() as show:
        trees = watching.until_over(api, ids, show)
    if not output.err().is_terminal:
        for node in trees:
            output.out().print(render(node))
    return trees


def _show_results(trees: Sequence[Node]) -> None:
    calls = [_call(wish) for wish in _WISHES]
    width = min(_CALL_CHARS, max(len(call) for call in calls))
    for call, node in zip(calls, trees, strict=True):
        shown = call if len(call) <= width else f"{call[: width - 1]}…"
        output.out().print(
            f"  {output.plain(shown):<{width}} → ", _outcome(node), no_wrap=True, overflow="ellipsis", soft_wrap=False
        )


def _call(wish: Wish) -> str:
    return f"{wish.task.rpartition('/')[2]}({', '.join(json.dumps(argument) for argument in wish.input)})"


def _outcome(node: Node) -> Text:
    is_success = node.run["status"] in state.SUCCESS
    shown = json.dumps(result(node.run)) if is_success else state.error(node.run) or str(node.run["status"])
    return Text(shown, style="green" if is_success else "red")


def _show_what_next(running: daemon.Daemon) -> None:
    key = running.data_dir.api_key_path
    body = '{"task": "quickstart/sum_squares", "input": [3, 4]}'
    option = daemon.data_dir_option(running.data_dir)
    output.text(f"  The API listens at {running.url}; its key is in {key}")
    output.text("")
    output.text(f'  curl {running.url}/v1/task-runs -H "Authorization: Bearer $(cat {key})" \\')
    output.text(f"       -H 'Content-Type: application/json' -d '{body}'")
    output.text("")
    if not shutil.which("orchestrator"):
        output.text(f'  export PATH="{Path(sys.argv[0]).absolute().parent}:$PATH"')
    output.text(f"  orchestrator run quickstart/sum_squares 3 4{option}")
    output.text(f"  orchestrator runs list{option}")
    output.text(f"  orchestrator ui{option}        shows them in a browser")
    output.text("")
    output.text(f"  {daemon.stop_command(running.data_dir)}      stops it")


def _check(trees: Sequence[Node], data_dir: DataDir) -> None:
    for wish, node in zip(_WISHES, trees, strict=True):
        if node.run["status"] not in state.SUCCESS and not wish.may_fail:
            raise CliError(
                f"{wish.task} {node.run['status']}: {state.error(node.run) or 'no reason is known'}",
                f"the orchestrator's log may say more: {data_dir.log_path}",
            )
