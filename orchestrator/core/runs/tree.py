"""What a tree of runs says as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.core.runs.summary import Summary

_FAILED = "failed"


def first_failure(top_id: str, rows: Mapping[str, Summary]) -> Summary | None:
    """The failure from which the others follow; None where nothing failed.

    A failed run says itself of which chained run it failed, and that one likewise. Where the top did not fail, or not yet, it is
    the failure that came first.
    """
    top = rows.get(top_id)
    if top is not None and top.status == _FAILED:
        return _origin(top, rows)
    failed = [row for row in rows.values() if row.status == _FAILED]
    first = min(failed, key=lambda row: (row.completed_at_ms or 0, row.id), default=None)
    return None if first is None else _origin(first, rows)


def path(top_id: str, run_id: str, rows: Mapping[str, Summary]) -> list[str]:
    """The ids from the top down to the run, as far up as the rows go."""
    found = [run_id]
    while found[-1] != top_id and (row := rows.get(found[-1])) is not None and row.parent_id is not None:
        found.append(row.parent_id)
    return found[::-1]


def _origin(row: Summary, rows: Mapping[str, Summary]) -> Summary:
    while (child := rows.get(row.failure.child_id if row.failure else "")) is not None and child.parent_id == row.id:
        row = child
    return row
