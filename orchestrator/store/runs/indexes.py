"""The indexes of runs: each splits what it is about by status, so that whatever a list is narrowed to, nothing else is read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orchestrator.core.runs.run import TERMINAL, WIRE_STATUS, Run
from orchestrator.store import keys
from orchestrator.store.keys import Key

WORDS: Final = tuple(dict.fromkeys(WIRE_STATUS.values()))
ENDED: Final = frozenset(WIRE_STATUS[status] for status in TERMINAL)
UNFINISHED: Final = frozenset(WORDS) - ENDED


def split(prefix: str, words: Iterable[str] = WORDS) -> list[Key]:
    """The indexes for these statuses on the wire."""
    return [Key(f"{prefix}:{word}") for word in sorted(words)]


def of(run: Run) -> list[Key]:
    """The indexes the run belongs in. A root is not in its own tree's: most trees are a root alone. For tags see annotations.py."""
    prefixes = [
        keys.RUNS,
        keys.runs_by("workflow", run.workflow_id),
        keys.runs_by("version", run.version_id),
        keys.runs_by("task", run.task_id),
    ]
    prefixes.append(keys.ROOTS if run.id == run.root_id else keys.runs_by("root", run.root_id))
    return [Key(f"{prefix}:{WIRE_STATUS[run.status]}") for prefix in prefixes]


def moves(before: Run, after: Run) -> tuple[list[Key], list[Key]]:
    """The indexes to leave, and those to enter."""
    if WIRE_STATUS[before.status] == WIRE_STATUS[after.status]:
        return [], []
    return of(before), of(after)
