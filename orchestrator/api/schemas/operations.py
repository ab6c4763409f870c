"""The public shapes of operations on many runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.api.schemas.shape import Shape


class OperationAsked(Shape):
    """What to do with the runs that the filter finds; its fields are those of the list of runs, and there must be one.

    Without a status, a cancel is of runs that have not ended, a rerun of those that have. `version` is for reruns.
    """

    action: Literal["cancel", "rerun"]
    filter: dict[str, Any]
    version: Literal["same", "current"] = "same"


class Operation(Shape):
    """What is being done with many runs: `matched` in all, of which `done` went well and `failed` not, the latest for `error`.

    `is_limited`: more matched, and are left alone.
    """

    id: str
    action: Literal["cancel", "rerun"]
    filter: dict[str, Any] = Field(description="as it was asked for")
    version: Literal["same", "current"]
    status: Literal["running", "completed", "stopped"]
    matched: int
    done: int
    failed: int
    is_limited: bool
    error: str | None = None
    created_at: datetime
    completed_at: datetime | None = None


class OperationWithCursor(Shape):
    """An element of a list."""

    operation: Operation
    cursor: str
