"""Watches runs until they are over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from orchestrator.cli.instance.outage import OUTAGE_S, is_outage
from orchestrator.cli.views import state
from orchestrator.cli.views.run_tree import Node, drawn, grow
from orchestrator_sdk.errors import APIError

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client

_FIRST_PAUSE_S: Final = 0.05
_LAST_PAUSE_S: Final = 0.4
_PAUSE_GROWTH: Final = 1.2
_EXPLAINED: Final = 8
"""Of so many failed runs below a root the error is looked up; lists do not have it."""

_NAMED: Final = 48
"""Of so many the arguments are looked up."""
_NAMED_AT_ONCE: Final = 4
"""Of so many between two looks at trees that grow."""

Show = Callable[[Sequence[Node]], None]


def tree(api: Client, run_id: str) -> Node:
    """The run and all below it, as they are now."""
    run = api.get(run_id)
    return _explained(api, grow(run.raw, (other.raw for other in api.list(root_run_id=run.root_task_run_id))))


def named_tree(api: Client, run_id: str) -> Node:
    """The same with the arguments of the runs that are drawn, up to a bound."""
    root = tree(api, run_id)
    _Inputs(api).add_to([root], _NAMED)
    return root


def until_over(api: Client, root_ids: Sequence[str], show: Show, *, named: bool = False) -> list[Node]:
    """The trees when all the roots are over; `show` gets them again and again. A restart of the orchestrator is waited out.

    `named` gives the runs that are drawn their arguments.
    """
    inputs = _Inputs(api)
    pause_s, last_seen_s = _FIRST_PAUSE_S, time.monotonic()
    while True:
        began_s = time.monotonic()
        try:
            nodes, last_seen_s = _trees(api, root_ids), began_s
            if is_over := all(node.run["status"] in state.TERMINAL for node in nodes):
                nodes = [tree(api, root_id) for root_id in root_ids]
            if named:
                inputs.add_to(nodes, _NAMED if is_over else _NAMED_AT_ONCE)
            show(nodes)
            if is_over:
                return nodes
        except APIError as error:
            if not is_outage(error) or time.monotonic() - last_seen_s > OUTAGE_S:
                raise
        # A tree of thousands of runs takes a while to read: looking must not become the orchestrator's main work.
        time.sleep(max(pause_s, time.monotonic() - began_s))
        pause_s = min(pause_s * _PAUSE_GROWTH, _LAST_PAUSE_S)


class _Inputs:
    """Lists do not have them; they do not change, so each is asked for once."""

    def __init__(self, api: Client) -> None:
        self._api = api
        self._known: dict[str, Any] = {}

    def add_to(self, roots: Iterable[Node], limit: int) -> None:
        """Give the runs that are drawn theirs, of which at most `limit` are asked for."""
        for node in islice(chain.from_iterable(map(drawn, roots)), _NAMED):
            run_id = node.run["id"]
            if "input" not in node.run and run_id not in self._known and limit:
                self._known[run_id] = self._api.get(run_id).raw["input"]
                limit -= 1
            if run_id in self._known:
                node.run = {"input": self._known[run_id], **node.run}


def _trees(api: Client, root_ids: Sequence[str]) -> list[Node]:
    """All trees by one question, without inputs and outcomes."""
    runs = {run.id: run.raw for run in api.list(root_run_id=list(root_ids))}
    return [grow(runs.get(root_id) or api.get(root_id).raw, runs.values()) for root_id in root_ids]


def _explained(api: Client, root: Node) -> Node:
    """With the errors of failed runs, first of those that the root's failure leads to."""
    below = {node.run["id"]: node for node in root.walk() if node is not root and node.has_failed}
    node = root
    while (child := below.pop(node.failed_child_id, None)) is not None:
        child.run = api.get(child.run["id"]).raw
        node = child
    for node in islice(below.values(), _EXPLAINED):
        node.run = api.get(node.run["id"]).raw
    return root
