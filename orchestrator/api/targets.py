"""What requests for tasks mean, remembered: the store says when a workflow has changed since."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from orchestrator.store.workflows.store import Target, WorkflowStore

_LIMIT: Final = 1_000
"""Of names, some of which may be gone."""


class Targets:
    """Reads each workflow again only when it is outdated, or said to be."""

    def __init__(self, workflows: WorkflowStore) -> None:
        self._workflows = workflows
        self._known: dict[str, Target] = {}

    @classmethod
    def of(cls, request: Request) -> Targets:
        """Those of the app that serves the request."""
        targets: Targets = request.app.state.targets
        return targets

    async def find(self, task: str) -> Target:
        """What the task meant when it was last read. Raises Unknown."""
        if known := self._known.get(task):
            return known
        found = await self._workflows.resolve(task)
        if found.digest:
            if len(self._known) >= _LIMIT:
                self._known.clear()
            self._known[task] = found
        return found

    async def is_still(self, task: str, target: Target) -> bool:
        """Whether the task means that now; what it means is read anew. Raises Unknown."""
        self.forget(task)
        return await self.find(task) == target

    def forget(self, task: str) -> None:
        """The workflow has changed."""
        self._known.pop(task, None)
