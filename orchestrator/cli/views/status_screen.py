"""The live status that `orchestrator up` shows: calm, one look a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from orchestrator.cli.views import output, state, times
from orchestrator_sdk.client import Client
from orchestrator_sdk.client.address import Address
from orchestrator_sdk.errors import APIError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

_PAUSE_S: Final = 1.0
_SHOWN_RUNS: Final = 6
_READ_RUNS: Final = 30
"""Among so many of the newest there are a few finished ones, unless all are busy: then there is no room for them."""


class StatusScreen:
    """Looks at the API from a thread of its own, so that it sees what a client sees; `facts` are shown as they are."""

    def __init__(self, address: Address, facts: Mapping[str, str], console: Console) -> None:
        from rich.live import Live

        self._url = address.url
        self._api = Client(url=address.url, api_key=address.api_key, certificate=address.certificate)
        self._facts = facts
        self._begin_s = time.monotonic()
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
            status = self._api.status()
            runs = [run.raw for run in self._api.list(limit=_READ_RUNS)]
        except APIError:
            return  # it is stopping, or says itself what is wrong
        age_s = time.monotonic() - self._begin_s
        facts = {
            **self._facts,
            **unusual(status.info),
            "runs": f"{status.queued} queued, {status.active} active",
        }
        self._live.update(render(self._url, age_s, facts, runs), refresh=True)


def unusual(info: Mapping[str, str]) -> dict[str, str]:
    """What a person should know about the parts: nothing while all is well."""
    usual = {"store": "running", "channel": "connected", "scheduler": "scheduling", "starts": "as there is room"}
    return {name: info[name] for name, well in usual.items() if info.get(name, well) != well}


def render(url: str, age_s: float, facts: Mapping[str, str], runs: list[dict[str, Any]]) -> RenderableType:
    """The status of one moment."""
    from rich.console import Group
    from rich.text import Text

    lines = [Text.from_markup(f"[bold green]●[/] [bold]{url}[/]  [dim]for {times.duration(age_s)}[/]")]
    lines += [Text.assemble((f"  {name:<10}", "dim"), value) for name, value in facts.items()]
    finished = [run for run in runs if run["status"] in state.TERMINAL][:_SHOWN_RUNS]
    lines += [Text(), *(_line(run) for run in finished), Text()] if finished else []
    return Group(*lines, Text("  Ctrl-C stops the orchestrator; containers that run go on.", style="dim"))


def _line(run: dict[str, Any]) -> Text:
    from rich.text import Text

    ended = times.ago(run["completedAt"]) if run.get("completedAt") else ""
    name = output.plain(state.task_name(run))
    return Text.from_markup(f"  {state.mark(run['status'])} {name:<36} {times.run_time(run):>10}  [dim]{ended}[/]")
