from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from orchestrator_sdk import active_run
from orchestrator_sdk.generics import TYPE_CHECKING, P, R

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from orchestrator_sdk.task_instance import TaskInstance


class TaskRunMetadata(MutableMapping[str, "Any"]):
    """What is kept with a run for people and programs, at most 32 keys and 4 KiB of JSON: ``ctx.metadata["rows"] = 3``.

    It has what this attempt has set; what was given with the run, and is not set again, stays. Setting raises TypeError or
    ValueError for what cannot be kept. Its attributes are the ids of the run and of those it belongs to;
    `parent_task_run_id` is None for a root run.
    """

    __slots__ = ("_values", "parent_task_run_id", "root_task_run_id", "task_run_id")

    def __init__(self, task_run_id: str, root_task_run_id: str, parent_task_run_id: str | None) -> None:
        self.task_run_id = task_run_id
        self.root_task_run_id = root_task_run_id
        self.parent_task_run_id = parent_task_run_id
        self._values: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        _say(metadata={key: value})
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        self._values.pop(key, None)
        _say(metadata={key: None})

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<TaskRunMetadata of {self.task_run_id}: {self._values}>"


class Tags:
    """By which a run is found: at most 10 of 64 characters."""

    __slots__ = ()

    def add(self, *tags: str) -> None:
        """Add them to the run's. Raises TypeError or ValueError for what cannot be kept."""
        _say(tags=tags)


class TaskContext:
    """What a task may know about its own run: declare it as the first parameter.

    `attempt` counts from 0; `parent_run_id` is None for a root run. `traceparent` is the span the task works in (W3C Trace
    Context), None where there is no trace; the environment variable TRACEPARENT is the same.
    """

    __slots__ = ("_metadata", "attempt", "parent_run_id", "root_run_id", "run_id", "traceparent")

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
        self._metadata = TaskRunMetadata(run_id, root_run_id, parent_run_id)

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
        """What is kept with the run; it also has the run's ids."""
        return self._metadata

    @property
    def tags(self) -> Tags:
        """By which the run is found."""
        return Tags()

    def progress(self, fraction: float | None, message: str = "") -> None:
        """Say how far the run is, from 0 to 1; call it as often as you like, for the newest is sent once a second.

        It begins from the start with each attempt, and says nothing where no orchestrator runs the task.
        """
        _say(progress=(fraction, message))

    def run(self, task: Callable[P, TaskInstance[R]], *args: P.args, **kwargs: P.kwargs) -> TaskInstance[R]:
        """Chain a run: the same as calling the task."""
        return task(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<TaskContext run={self.run_id} attempt={self.attempt}>"


def _say(**said: Any) -> None:
    """To the orchestrator, where it runs this task; images built earlier have nobody to tell."""
    annotate = getattr(active_run.host, "annotate", None)
    if annotate is not None:
        annotate(**said)
