"""Growing trees of runs on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from orchestrator.cli.views import output, state
from orchestrator.cli.views.run_tree import Node, render
from orchestrator.cli.watching import Show

if TYPE_CHECKING:
    from rich.console import Group

_REFRESHES_PER_S: Final = 8
_NAMED_COLUMNS: Final = 100
"""From that width on there is room for ids and arguments."""


@contextmanager
def shown(*, named: bool = False) -> Iterator[Show]:
    """Shows trees: on a terminal they live, elsewhere a line tells of each change of a run's state.

    `named` shows them with the ids and arguments of all runs, where there is room.
    """
    console = output.err()
    if not console.is_terminal:
        yield _lines()
        return
    from rich.live import Live

    with Live(console=console, refresh_per_second=_REFRESHES_PER_S) as live:
        yield lambda nodes: live.update(_Growing(nodes, named=named and console.width >= _NAMED_COLUMNS))


class _Growing:
    """Trees whose times are those of the moment they are drawn."""

    def __init__(self, nodes: Sequence[Node], *, named: bool) -> None:
        self._nodes = nodes
        self._named = named

    def __rich__(self) -> Group:
        from rich.console import Group

        return Group(*(render(node, named=self._named) for node in self._nodes))


def _lines() -> Show:
    known: dict[str, str] = {}

    def show(roots: Sequence[Node]) -> None:
        for run in (node.run for root in roots for node in root.walk()):
            news = _news(run)
            if known.get(run["id"]) != news:
                known[run["id"]] = news
                output.note(f"{run['id']} {state.task_name(run)} {news}")

    return show


def _news(run: dict[str, Any]) -> str:
    """The run's state, and of one that failed or is tried again, why."""
    status, attempts = str(run["status"]), run.get("attempts") or ()
    last = state.attempt(attempts[-1]["attempt"]) if attempts else "an attempt"
    why = state.error(run).strip().partition("\n")[0]
    if run.get("retryAt"):
        return f"{last} failed, there will be another{why and ': '}{why}"
    if status == "failed":
        return f"{status}{why and ': '}{why}"
    return f"{status}, {last}" if status == "running" and len(attempts) > 1 else status
