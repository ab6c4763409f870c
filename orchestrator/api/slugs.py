"""The slugs of workflows by id, remembered: they never change."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from orchestrator.store.workflows.store import Unknown, WorkflowStore


class Slugs:
    """Looks each workflow up once."""

    def __init__(self, workflows: WorkflowStore) -> None:
        self._workflows = workflows
        self._known: dict[str, str] = {}

    @classmethod
    def of(cls, request: Request) -> Slugs:
        """Those of the app that serves the request."""
        slugs: Slugs = request.app.state.slugs
        return slugs

    async def find(self, workflow_id: str) -> str | None:
        """The slug; None when the workflow was deleted before we saw it."""
        if workflow_id not in self._known:
            try:
                self._known[workflow_id] = (await self._workflows.get(workflow_id)).slug
            except Unknown:
                return None
        return self._known[workflow_id]


async def _of(request: Request) -> Slugs:
    return Slugs.of(request)


SlugsDep = Annotated[Slugs, Depends(_of)]
"""A route's parameter that receives the slugs."""
