"""Watches runs until they are over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from orchestrator.cli import exit_codes, state
from orchestrator.cli.errors import CliError
from orchestrator.cli.run_tree import Node, grow

if TYPE_CHECKING:
    from orchestrator.cli.connection import Connection

_FIRST_PAUSE_S: Final = 0.05
_LAST_PAUSE_S: Final = 0.5
_PAUSE_GROWTH: Final = 1.2
_COST_FACTOR: Final = 4
"""A tree of thousands of runs takes a while to read: looking must not become the orchestrator's main work."""
_OUTAGE_S: Final = 60.0

Show = Callable[[Sequence[Node]], None]


def tree(api: Connection, run_id: str) -> Node:
    """The run and all below it, as they are now."""
    run = api.get(f"/task-runs/{run_id}")
    return grow(run, api.all("/task-runs", "taskRun", rootTaskRunId=run.get("rootTaskRunId") or run_id))


def until_over(api: Connection, run_ids: Sequence[str], show: Show) -> list[Node]:
    """The trees when all the runs are over; `show` gets them again and again. A restart of the orchestrator is waited out."""
    trees = dict[str, Node]()
    pause_s, last_seen_s = _FIRST_PAUSE_S, time.monotonic()
    while True:
        began_s = time.monotonic()
        try:
            trees |= {run_id: tree(api, run_id) for run_id in run_ids if not _is_over(trees.get(run_id))}
            last_seen_s = time.monotonic()
            show(found := [trees[run_id] for run_id in run_ids])
            if all(_is_over(node) for node in found):
                return found
        except CliError as error:
            if error.exit_code != exit_codes.UNREACHABLE or time.monotonic() - last_seen_s > _OUTAGE_S:
                raise
        time.sleep(max(pause_s, (time.monotonic() - began_s) * _COST_FACTOR))
        pause_s = min(pause_s * _PAUSE_GROWTH, _LAST_PAUSE_S)


def _is_over(node: Node | None) -> bool:
    return node is not None and node.run["status"] in state.TERMINAL
