"""Runs as rows, in few characters: a tree may have thousands, and a second hundreds of changes; pure."""

from __future__ import annotations

from typing import Any, Final

from orchestrator.core.runs.summary import Brief, Summary
from orchestrator.core.scheduling import waits

COLUMNS: Final = (
    "id",
    "parent",
    "task",
    "status",
    "createdAt",
    "startedAt",
    "completedAt",
    "attempts",
    "isWarm",
    "spans",
    "failure",
)
"""Of a tree's rows, in order; the last one is there only in rows of runs that failed."""
LETTERS: Final = {"pending": "p", "running": "r", "completed": "c", "failed": "f", "canceled": "x"}


def cells(row: Summary, parent: int | str, task: int) -> list[Any]:
    """The row under `COLUMNS`; `parent` is the number of a row above it, an id elsewhere, or -1, `task` a number in a list."""
    found = [
        row.id,
        parent,
        task,
        LETTERS[row.status],
        row.created_at_ms,
        row.started_at_ms,
        row.completed_at_ms,
        row.attempts,
        int(row.is_warm),
        row.spans,
    ]
    return found if row.failure is None else [*found, _failure(row.failure)]


def change(row: Summary, slug: str | None, now_ms: int) -> dict[str, Any]:
    """The row as an event has it, without what there is nothing to say of; `slug` is the workflow's, None when that is gone."""
    fields = {
        "id": row.id,
        "root": row.root_id,
        "parent": row.parent_id,
        "workflow": slug,
        "task": task_name(row, slug),
        "status": LETTERS[row.status],
        "createdAt": row.created_at_ms,
        "startedAt": row.started_at_ms,
        "completedAt": row.completed_at_ms,
        "attempts": row.attempts,
        "isWarm": row.is_warm,
        "failure": _failure(row.failure),
        "spans": row.spans,
        **note(row, now_ms),
    }
    return {name: value for name, value in fields.items() if value is not None}


def note(row: Summary, now_ms: int) -> dict[str, Any]:
    """What few rows have: what it waits for where that is not its turn, and how far it says it is."""
    found: dict[str, Any] = {}
    if waits_for := row.waits_for or _retry(row, now_ms):
        found["waitsFor"] = waits_for
    if said := row.progress:
        fraction = {} if said.fraction is None else {"fraction": said.fraction}
        found["progress"] = {**fraction, "message": said.message}
    return found


def task_name(row: Summary, slug: str | None) -> str:
    """As people write it; of a workflow that is gone, the task's name alone."""
    return f"{slug}/{row.task}" if slug else row.task


def _failure(found: Brief | None) -> list[str] | None:
    return None if found is None else [found.type, found.message]


def _retry(row: Summary, now_ms: int) -> str | None:
    return None if row.retry_at_ms is None else waits.retry(row.retry_at_ms, now_ms)
