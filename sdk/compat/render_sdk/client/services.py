"""``render.workflows``, blocking and not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from orchestrator_sdk import AsyncClient, Client, TaskRun
from render_sdk.client.types import (
    AwaitableTaskRun,
    Details,
    ListTaskRunsParams,
    TaskRunWithCursor,
    checked,
)

Input = list[Any] | dict[str, Any]


class SyncWorkflowsService:
    """Runs of tasks, blocking."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def start_task(self, task_slug: str, input_data: Input, *, idempotency_key: str | None = None) -> TaskRun:
        """Ask for a run; returns at once."""
        return self._client.start(task_slug, input_data, idempotency_key=idempotency_key)

    def run_task(self, task_slug: str, input_data: Input, *, idempotency_key: str | None = None) -> Details:
        """Start a run and wait for its end. Raises TaskRunError when it failed."""
        run = self.start_task(task_slug, input_data, idempotency_key=idempotency_key)
        return checked(next(self._client.events([run.id])))

    def get_task_run(self, task_run_id: str) -> Details:
        """A run with its input and outcome."""
        return Details(self._client.get(task_run_id))

    def cancel_task_run(self, task_run_id: str) -> None:
        """End a run."""
        self._client.cancel(task_run_id)

    def list_task_runs(self, params: ListTaskRunsParams | None = None) -> list[TaskRunWithCursor]:
        """One page of runs."""
        params = params or ListTaskRunsParams()
        page = self._client.page(cursor=params.cursor, limit=params.limit)
        return [TaskRunWithCursor(run, cursor) for run, cursor in page]

    def task_run_events(self, task_run_ids: Sequence[str]) -> Iterator[Details]:
        """Each run as it ends."""
        return map(Details, self._client.events(task_run_ids))


class WorkflowsService:
    """Runs of tasks, for asyncio."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def start_task(
        self, task_slug: str, input_data: Input, *, idempotency_key: str | None = None
    ) -> AwaitableTaskRun:
        """Ask for a run, which may be awaited."""
        run = await self._client.start(task_slug, input_data, idempotency_key=idempotency_key)
        return AwaitableTaskRun(run, self._client)

    async def run_task(self, task_slug: str, input_data: Input, *, idempotency_key: str | None = None) -> Details:
        """Start a run and wait for its end. Raises TaskRunError when it failed."""
        return await (await self.start_task(task_slug, input_data, idempotency_key=idempotency_key))

    async def get_task_run(self, task_run_id: str) -> Details:
        """A run with its input and outcome."""
        return Details(await self._client.get(task_run_id))

    async def cancel_task_run(self, task_run_id: str) -> None:
        """End a run."""
        await self._client.cancel(task_run_id)

    async def list_task_runs(self, params: ListTaskRunsParams | None = None) -> list[TaskRunWithCursor]:
        """One page of runs."""
        params = params or ListTaskRunsParams()
        page = await self._client.page(cursor=params.cursor, limit=params.limit)
        return [TaskRunWithCursor(run, cursor) for run, cursor in page]

    async def task_run_events(self, task_run_ids: Sequence[str]) -> AsyncIterator[Details]:
        """Each run as it ends."""
        async for details in self._client.events(task_run_ids):
            yield Details(details)
