"""Parameters and answers of the clients that have no like in our own."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestrator_sdk.client.models import TaskRun, TaskRunDetails
from orchestrator_sdk.client.models import TaskRunStatus as TaskRunStatusValues
from orchestrator_sdk.errors import TaskRunError

if TYPE_CHECKING:
    from orchestrator_sdk import AsyncClient

__all__ = [
    "AwaitableTaskRun",
    "Details",
    "ListTaskRunsParams",
    "TaskRun",
    "TaskRunDetails",
    "TaskRunStatusValues",
    "TaskRunWithCursor",
]


@dataclass(frozen=True, slots=True)
class ListTaskRunsParams:
    """`owner_id` is accepted and ignored: an orchestrator has one owner."""

    limit: int | None = None
    cursor: str | None = None
    owner_id: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class TaskRunWithCursor:
    """A run, and the cursor with which the list goes on after it."""

    task_run: TaskRun
    cursor: str


class Details:
    """A run with its input and outcome, under the official names."""

    def __init__(self, details: TaskRunDetails) -> None:
        self._details = details

    @property
    def input_(self) -> list[Any] | dict[str, Any]:
        """The run's input."""
        return self._details.input

    def __getattr__(self, name: str) -> Any:
        return getattr(self._details, name)

    def __repr__(self) -> str:
        return repr(self._details)


class AwaitableTaskRun:
    """A started run: await it for its details."""

    def __init__(self, run: TaskRun, client: AsyncClient) -> None:
        self._run = run
        self._client = client
        self.id = run.id
        self.status = run.status.value

    def is_terminal_status(self) -> bool:
        """Whether it had ended when it was started."""
        return self._run.status.is_terminal

    def __await__(self) -> Generator[Any, Any, Details]:
        return self._wait().__await__()

    async def _wait(self) -> Details:
        async for details in self._client.events([self.id]):
            return checked(details)
        raise AssertionError("events give each run once")


def checked(details: TaskRunDetails) -> Details:
    """The details, unless they have an error; a canceled run has none. Raises TaskRunError."""
    if details.error:
        raise TaskRunError(details.error, run_id=details.id, status=details.status.value)
    return Details(details)
