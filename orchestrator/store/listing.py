"""Lists of runs: newest first, by index, page by page."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from orchestrator.core.run import Run
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.runs import RunStore

_CHUNK = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """Every non-empty field must have the run's value in it."""

    root_ids: frozenset[str] = frozenset()
    task_ids: frozenset[str] = frozenset()
    version_ids: frozenset[str] = frozenset()
    workflow_ids: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()

    def accepts(self, run: Run) -> bool:
        """Whether the run belongs in the list."""
        pairs = (
            (self.root_ids, run.root_id),
            (self.task_ids, run.task_id),
            (self.version_ids, run.version_id),
            (self.workflow_ids, run.workflow_id),
            (self.statuses, run.status),
        )
        return all(not wanted or value in wanted for wanted, value in pairs)

    def indexes(self) -> Sequence[str]:
        """The keys that together hold all candidates, by the narrowest field given."""
        for kind, wanted in (
            ("root", self.root_ids),
            ("task", self.task_ids),
            ("version", self.version_ids),
            ("workflow", self.workflow_ids),
        ):
            if wanted:
                return [keys.runs_by(kind, of) for of in sorted(wanted)]
        return [keys.RUNS]


class RunListing:
    """Pages of runs."""

    def __init__(self, client: Client, runs: RunStore) -> None:
        self._client = client
        self._runs = runs

    async def page(self, wanted: Filter, *, before: str | None, limit: int) -> list[Run]:
        """At most `limit` accepted runs, newest first, from below the id `before`."""
        found: list[Run] = []
        async for run in self._candidates(wanted, before):
            if wanted.accepts(run):
                found.append(run)
                if len(found) == limit:
                    break
        return found

    async def _candidates(self, wanted: Filter, before: str | None) -> AsyncIterator[Run]:
        highest = f"({before}" if before else "+"
        while True:
            chunk = await self._chunk(wanted.indexes(), highest)
            for run in await self._runs.get_many(chunk):
                yield run
            if len(chunk) < _CHUNK:
                return
            highest = f"({chunk[-1]}"

    async def _chunk(self, indexes: Sequence[str], highest: str) -> list[str]:
        parts = [
            await self._client.zrange(index, highest, "-", desc=True, bylex=True, offset=0, num=_CHUNK)
            for index in indexes
        ]
        return heapq.nlargest(_CHUNK, {run_id for part in parts for run_id in part})
