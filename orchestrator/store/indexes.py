"""The indexes of runs: each splits what it is about by status, so that whatever a list is narrowed to, nothing else is read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orchestrator.core.run import TERMINAL, WIRE_STATUS, Run
from orchestrator.store import keys

WORDS: Final = tuple(dict.fromkeys(WIRE_STATUS.values()))
ENDED: Final = frozenset(WIRE_STATUS[status] for status in TERMINAL)
UNFINISHED: Final = frozenset(WORDS) - ENDED


def split(prefix: str, words: Iterable[str] = WORDS) -> list[str]:
    """The indexes for these statuses on the wire."""
    return [f"{prefix}:{word}" for word in sorted(words)]


def of(run: Run) -> list[str]:
    """The indexes the run belongs in. A root is not in its own tree's: most trees are a root alone."""
    prefixes = [
        keys.RUNS,
        keys.runs_by("workflow", run.workflow_id),
        keys.runs_by("version", run.version_id),
        keys.runs_by("task", run.task_id),
    ]
    if run.id != run.root_id:
        prefixes.append(keys.runs_by("root", run.root_id))
    return [f"{prefix}:{WIRE_STATUS[run.status]}" for prefix in prefixes]


def moves(before: Run, after: Run) -> list[str]:
    """Pairs of an index to leave and one to enter."""
    if WIRE_STATUS[before.status] == WIRE_STATUS[after.status]:
        return []
    return [key for pair in zip(of(before), of(after), strict=True) for key in pair]
