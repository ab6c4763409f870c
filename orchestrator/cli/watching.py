"""Watches runs until they are over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.paths import path_of
from orchestrator.cli.views import state
from orchestrator.cli.views.run_tree import Node, grow

if TYPE_CHECKING:
    from orchestrator.cli.connection import Connection

_FIRST_PAUSE_S: Final = 0.05
_LAST_PAUSE_S: Final = 0.4
_PAUSE_GROWTH: Final = 1.2
_OUTAGE_S: Final = 60.0
_EXPLAINED: Final = 8
"""Of so many failed runs below a root the error is looked up; lists do not have it."""

Show = Callable[[Sequence[Node]], None]


def tree(api: Connection, run_id: str) -> Node:
    """The run and all below it, as they are now."""
    run = api.get(path_of("task-runs", run_id))
    return _explained(api, grow(run, api.all("/task-runs", "taskRun", rootTaskRunId=run["rootTaskRunId"])))


def until_over(api: Connection, root_ids: Sequence[str], show: Show) -> list[Node]:
    """The trees when all the roots are over; `show` gets them again and again. A restart of the orchestrator is waited out."""
    pause_s, last_seen_s = _FIRST_PAUSE_S, time.monotonic()
    while True:
        began_s = time.monotonic()
        try:
            nodes, last_seen_s = _trees(api, root_ids), began_s
            if is_over := all(node.run["status"] in state.TERMINAL for node in nodes):
                nodes = [tree(api, root_id) for root_id in root_ids]
            show(nodes)
            if is_over:
                return nodes
        except CliError as error:
            if error.exit_code != exit_codes.UNREACHABLE or time.monotonic() - last_seen_s > _OUTAGE_S:
                raise
        # A tree of thousands of runs takes a while to read: looking must not become the orchestrator's main work.
        time.sleep(max(pause_s, time.monotonic() - began_s))
        pause_s = min(pause_s * _PAUSE_GROWTH, _LAST_PAUSE_S)


def _trees(api: Connection, root_ids: Sequence[str]) -> list[Node]:
    """All trees by one question, without inputs and outcomes."""
    runs = {run["id"]: run for run in api.all("/task-runs", "taskRun", rootTaskRunId=list(root_ids))}
    return [grow(runs.get(root_id) or api.get(f"/task-runs/{root_id}"), runs.values()) for root_id in root_ids]


def _explained(api: Connection, root: Node) -> Node:
    below = (node for node in root.walk() if node is not root and node.run["status"] == "failed")
    for node in islice(below, _EXPLAINED):
        node.run = api.get(f"/task-runs/{node.run['id']}")
    return root
