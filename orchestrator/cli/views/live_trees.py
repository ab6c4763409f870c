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


@contextmanager
def shown() -> Iterator[Show]:
    """Shows trees: on a terminal they live, elsewhere a line tells of each change of a run's state."""
    console = output.err()
    if not console.is_terminal:
        yield _lines()
        return
    from rich.live import Live

    with Live(console=console, refresh_per_second=_REFRESHES_PER_S) as live:
        yield lambda nodes: live.update(_Growing(nodes))


class _Growing:
    """Trees whose times are those of the moment they are drawn."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes

    def __rich__(self) -> Group:
        from rich.console import Group

        return Group(*(render(node) for node in self._nodes))


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
    status, count = str(run["status"]), len(run.get("attempts") or ())
    why = state.error(run).strip().partition("\n")[0]
    if run.get("retryAt"):
        return f"attempt {count} failed, there will be another{why and ': '}{why}"
    if status == "failed":
        return f"{status}{why and ': '}{why}"
    return f"{status}, attempt {count}" if status == "running" and count > 1 else status
