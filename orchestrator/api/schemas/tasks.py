"""The public shapes of tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from orchestrator.api.schemas.shape import Shape
from orchestrator_runtime.wire import ParameterKind, WarmMode


class Retry(Shape):
    """Wait before retry n, counted from 0: `wait_duration_ms` times `backoff_scaling` to the power of n."""

    max_retries: int
    wait_duration_ms: int
    backoff_scaling: float


class Parameter(Shape):
    """One parameter of a task; `default` is JSON text, `schema` a JSON Schema of its values, `kind` Python's word for it."""

    name: str
    has_default: bool
    type: str | None = None
    default: str | None = None
    kind: ParameterKind | None = None
    json_schema: dict[str, Any] | None = Field(default=None, alias="schema")


class Task(Shape):
    """A function that a workflow registered; `warm_min` is how many containers wait for its runs at least, if `warm` is not off.

    `network` are the places its runs may reach: "internet" alone, or names and IPv4 ranges; nothing when empty.
    `paused_at` is there while the task itself is paused; its workflow may be, too.
    """

    id: str
    name: str
    slug: str
    created_at: datetime
    workflow_id: str
    workflow_version_id: str
    plan: str
    timeout_seconds: int
    retry: Retry
    parameters: list[Parameter]
    signature: str | None = None
    warm: WarmMode
    warm_min: int
    network: list[str]
    paused_at: datetime | None = None
    pause_reason: str | None = None


class TaskWithCursor(Shape):
    """An element of a list."""

    task: Task
    cursor: str
