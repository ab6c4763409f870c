"""The public shapes of trees of runs."""

from __future__ import annotations

from typing import Any

from orchestrator.api.schemas.shape import Shape


class FirstFailure(Shape):
    """The run from whose failure the others follow; `path` are the ids from the top of the tree down to it.

    `attempt` is the number of its last attempt, absent where it never had one; `message` is the first line, cut.
    """

    path: list[str]
    task_run_id: str
    task: str
    attempt: int | None = None
    type: str
    message: str


class RowProgress(Shape):
    """How far a running run says it is; `fraction` is from 0 to 1."""

    fraction: float | None = None
    message: str


class RowNote(Shape):
    """What a pending run waits for where that is not its turn, or how far a running one says it is."""

    waits_for: str | None = None
    progress: RowProgress | None = None


class Tree(Shape):
    """A run and all below it, as rows under `columns`, in the order in which they were made.

    In a row `parent` is the number of a row of this answer, an id where that is not in it, or -1 for the top; `task` is a number in
    `tasks`; `status` is p, r, c, f or x (pending, running, completed, failed, canceled); times are ms since 1970 or null; `isWarm`
    is 1 or 0; `spans` has for each of the newest attempts when it was claimed, started and ended, in ms since `createdAt`;
    `failure`, which only rows of failed runs have, is its type and the first line of its message.

    `notes` are of few rows, by their number. `waits_for` is what those wait for that are pending and have none. `as_of` is where
    changes go on from, without a gap.
    """

    root: str
    columns: list[str]
    tasks: list[str]
    counts: dict[str, int]
    first_failure: FirstFailure | None = None
    cursor: str | None = None
    as_of: str
    waits_for: str | None = None
    notes: dict[str, RowNote] | None = None


class TreeWithRows(Tree):
    """The tree with its rows."""

    runs: list[list[Any]]
