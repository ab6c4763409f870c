"""The live status that `orchestrator up` shows: calm, one look a second."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from orchestrator.cli import state, times
from orchestrator.cli.connection import Connection
from orchestrator.cli.errors import CliError
from orchestrator.core.plans import format_bytes
from orchestrator.data_dir import DataDir
from orchestrator_sdk.client.address import Address

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_PAUSE_S: Final = 1.0
_SHOWN_RUNS: Final = 6
_READ_RUNS: Final = 30
"""Among so many of the newest there are a few finished ones, unless all are busy: then there is no room for them."""


class StatusScreen:
    """Looks at the API from a thread of its own, so that it sees what a client sees."""

    def __init__(self, url: str, api_key: str, data_dir: DataDir, console: Console) -> None:
        from rich.live import Live

        self._api = Connection(Address(url, api_key))
        self._data_dir = data_dir
        self._begin = datetime.now(UTC)
        self._stopped = threading.Event()
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._thread = threading.Thread(target=self._run, name="status screen", daemon=True)

    def start(self) -> None:
        """Show it."""
        self._live.start()
        self._thread.start()

    def stop(self) -> None:
        """Take it off the screen."""
        self._stopped.set()
        self._thread.join()
        self._live.stop()

    def _run(self) -> None:
        with self._api:
            while not self._stopped.is_set():
                self._look()
                self._stopped.wait(_PAUSE_S)

    def _look(self) -> None:
        try:
            status = self._api.get("/status")
            runs = list(self._api.all("/task-runs", "taskRun", limit=_READ_RUNS))
        except CliError:
            return  # it is stopping, or says itself what is wrong
        age_s = (datetime.now(UTC) - self._begin).total_seconds()
        self._live.update(render(self._api.url, self._data_dir, age_s, status, runs), refresh=True)


def render(
    url: str, data_dir: DataDir, age_s: float, status: dict[str, Any], runs: list[dict[str, Any]]
) -> RenderableType:
    """The status of one moment."""
    from rich.console import Group
    from rich.text import Text

    lines = [Text.from_markup(f"[bold green]●[/] [bold]{url}[/]  [dim]for {times.duration(age_s)}[/]")]
    for name, value in _facts(data_dir, status):
        lines.append(Text.assemble((f"  {name:<9}", "dim"), value))
    finished = [run for run in runs if run["status"] in state.TERMINAL][:_SHOWN_RUNS]
    lines += [Text(), *(_line(run) for run in finished)] if finished else []
    return Group(*lines, Text("  Ctrl-C stops the orchestrator; containers that run go on.", style="dim"))


def _facts(data_dir: DataDir, status: dict[str, Any]) -> list[tuple[str, str]]:
    capacity, runs = status.get("capacity") or {}, status.get("runs") or {}
    facts = [("API key", str(data_dir.api_key_path))]
    if capacity:
        facts.append(("capacity", f"{capacity['cpus']:g} CPUs, {format_bytes(capacity['memoryBytes'])}"))
    return [*facts, ("runs", f"{runs.get('queued', 0)} queued, {runs.get('active', 0)} active")]


def _line(run: dict[str, Any]) -> Any:
    from rich.markup import escape
    from rich.text import Text

    ended = times.ago(run["completedAt"]) if run.get("completedAt") else ""
    name = escape(state.task_name(run))
    return Text.from_markup(f"  {state.mark(run['status'])} {name:<36} {times.run_time(run):>10}  [dim]{ended}[/]")
