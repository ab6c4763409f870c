"""A run with all the runs it asked for, as a tree on the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from orchestrator.cli.views import output, state, times

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

_SHOWN_CHILDREN: Final = 16
"""A fan-out over a thousand files must fit a screen."""
_ERROR_CHARS: Final = 100
_ARGUMENTS_CHARS: Final = 40


@dataclass(slots=True)
class Node:
    """One run of the tree, its children in the order in which they were asked for."""

    run: dict[str, Any]
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This and all below."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def has_failed(self) -> bool:
        """Whether this run failed."""
        return bool(self.run["status"] == "failed")

    @property
    def failed_child_id(self) -> str:
        """The chained run that it failed of; empty where none is known."""
        return str((self.run.get("failure") or {}).get("childTaskRunId") or "")


def grow(run: dict[str, Any], others: Iterable[dict[str, Any]]) -> Node:
    """The tree below `run`; of `others` only its descendants are in it."""
    nodes = {other["id"]: Node(other) for other in others} | {run["id"]: Node(run)}
    for node in sorted(nodes.values(), key=lambda node: str(node.run["id"])):
        parent = nodes.get(node.run.get("parentTaskRunId") or "")
        if parent is not None and node.run["id"] != run["id"]:
            parent.children.append(node)
    return nodes[run["id"]]


def first_failure(root: Node) -> Node | None:
    """The run from whose failure the others follow: what the root's failure names, and that one's; else what failed first."""
    failed = {node.run["id"]: node for node in root.walk() if node.has_failed}
    first = root if root.has_failed else min(failed.values(), key=_end, default=None)
    while first is not None and (below := failed.get(first.failed_child_id)) is not None and below is not first:
        first = below
    return first


def _end(node: Node) -> str:
    return str(node.run.get("completedAt") or "")


def render(node: Node, now: datetime | None = None, *, named: bool = False) -> Tree:
    """The tree, with states and times as of now; `named` with the ids and arguments of all its runs, not of what failed alone."""
    from rich.tree import Tree

    tree = Tree(_one_line(label(node.run, now, named=named)), guide_style="dim")
    _add_children(tree, node, now, named)
    return tree


def drawn(node: Node) -> Iterator[Node]:
    """The runs that have a line of their own in the tree."""
    yield node
    for child in _shown(node):
        yield from drawn(child)


def _shown(node: Node) -> list[Node]:
    """The first children, and of the others those with a failure in them."""
    failing = (child for child in node.children[_SHOWN_CHILDREN:] if any(below.has_failed for below in child.walk()))
    return [*node.children[:_SHOWN_CHILDREN], *islice(failing, _SHOWN_CHILDREN)]


def _add_children(tree: Tree, node: Node, now: datetime | None, named: bool) -> None:
    shown = _shown(node)
    for child in shown:
        _add_children(tree.add(_one_line(label(child.run, now, named=named))), child, now, named)
    if len(node.children) > len(shown):
        ids = {child.run["id"] for child in shown}
        counts = Counter(child.run["status"] for child in node.children if child.run["id"] not in ids)
        states = ", ".join(f"{count} {status}" for status, count in counts.most_common())
        tree.add(f"[dim]… and {counts.total()} more: {states}[/]")


def _one_line(markup: str) -> Text:
    """A long error is cut, so that a tree keeps its shape."""
    from rich.text import Text

    text = Text.from_markup(markup, overflow="ellipsis")
    text.no_wrap = True
    return text


def label(run: dict[str, Any], now: datetime | None = None, *, named: bool = False) -> str:
    """One line: state, task, time, attempts, plan and wait, and the id and the error of what failed."""
    status = str(run["status"])
    called_with = output.plain(_arguments(run["input"])) if named and "input" in run else ""
    parts = [f"{state.mark(status)} [bold]{output.plain(_short_name(run))}[/]{called_with}"]
    parts += [f"[dim]{run['id']}[/]"] if status == "failed" or named else []
    if status not in state.SUCCESS:
        parts.append(status)
    took = times.run_time(run, now) if status != "pending" else ""
    parts += [took, _attempts(run), _retry(run, now), f"[dim]{output.plain(_beginning(run, now))}[/]"]
    if status == "failed" and (error := _first_line(state.error(run))):
        parts.append(f"[red]{output.plain(error)}[/]")
    return "  ".join(part for part in parts if part)


def _beginning(run: dict[str, Any], now: datetime | None) -> str:
    """The plan, and how long the run waited."""
    is_started = run.get("startedAt") is not None
    waited = f"started after {times.wait_time(run, now)}" if is_started else f"for {times.wait_time(run, now)}"
    return ", ".join(part for part in (run.get("plan"), waited) if part)


def _short_name(run: dict[str, Any]) -> str:
    return state.task_name(run).rpartition("/")[2]


def _arguments(given: Any) -> str:
    """As in a call; its beginning, where that is long."""
    if isinstance(given, dict):
        words = [f"{name}={output.as_json(value)}" for name, value in given.items()]
    else:
        words = [output.as_json(value) for value in given or ()]
    text = ", ".join(words)
    return f"({text})" if len(text) <= _ARGUMENTS_CHARS else f"({text[: _ARGUMENTS_CHARS - 1]}…)"


def _attempts(run: dict[str, Any]) -> str:
    count = len(run.get("attempts") or ())
    return f"[yellow]{count} attempts[/]" if count > 1 else ""


def _retry(run: dict[str, Any], now: datetime | None) -> str:
    at = run.get("retryAt")
    return f"[yellow]again in {times.until(at, now)}[/]" if at else ""


def _first_line(error: str) -> str:
    lines = error.strip().splitlines()
    if not lines:
        return ""
    return lines[0] if len(lines[0]) <= _ERROR_CHARS else lines[0][: _ERROR_CHARS - 1] + "…"
