from __future__ import annotations

from orchestrator_sdk.generics import TYPE_CHECKING, P, R

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from orchestrator_sdk.task_instance import TaskInstance


class TaskRunMetadata:
    """The ids of a run and those it belongs to; `parent_task_run_id` is None for a root run."""

    __slots__ = ("parent_task_run_id", "root_task_run_id", "task_run_id")

    def __init__(self, task_run_id: str, root_task_run_id: str, parent_task_run_id: str | None) -> None:
        self.task_run_id = task_run_id
        self.root_task_run_id = root_task_run_id
        self.parent_task_run_id = parent_task_run_id


class TaskContext:
    """What a task may know about its own run: declare it as the first parameter.

    `attempt` counts from 0; `parent_run_id` is None for a root run. `traceparent` is the span the task works in (W3C Trace
    Context), None where there is no trace; the environment variable TRACEPARENT is the same.
    """

    __slots__ = ("attempt", "parent_run_id", "root_run_id", "run_id", "traceparent")

    def __init__(
        self,
        *,
        run_id: str,
        root_run_id: str,
        parent_run_id: str | None,
        attempt: int,
        traceparent: str | None = None,
    ) -> None:
        self.run_id = run_id
        self.root_run_id = root_run_id
        self.parent_run_id = parent_run_id
        self.attempt = attempt
        self.traceparent = traceparent

    @classmethod
    def of(cls, facts: dict[str, Any]) -> TaskContext:
        """The context made of what the host tells about a run."""
        return cls(
            run_id=facts["run_id"],
            root_run_id=facts["root_run_id"],
            parent_run_id=facts["parent_run_id"],
            attempt=facts["attempt"],
            traceparent=facts.get("traceparent"),
        )

    @property
    def metadata(self) -> TaskRunMetadata:
        """The ids alone."""
        return TaskRunMetadata(self.run_id, self.root_run_id, self.parent_run_id)

    def run(self, task: Callable[P, TaskInstance[R]], *args: P.args, **kwargs: P.kwargs) -> TaskInstance[R]:
        """Chain a run: the same as calling the task."""
        return task(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<TaskContext run={self.run_id} attempt={self.attempt}>"
