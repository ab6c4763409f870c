"""Lists of runs: newest first, by index, page by page."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from orchestrator.core.runs.run import WIRE_STATUS, Run, Status
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.runs import indexes
from orchestrator.store.runs.store import RunStore

_CHUNK = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """Accepts runs whose values are in every field that is not empty."""

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

    def indexes(self) -> Sequence[Sequence[str]]:
        """For each field given, the keys that together hold all candidates; of any status but those wanted, none."""
        words = {WIRE_STATUS[Status(status)] for status in self.statuses} or indexes.WORDS
        kinds = (
            ("root", self.root_ids),
            ("task", self.task_ids),
            ("version", self.version_ids),
            ("workflow", self.workflow_ids),
        )
        given = [[keys.runs_by(kind, of) for of in sorted(wanted)] for kind, wanted in kinds if wanted]
        return [
            [key for prefix in prefixes for key in indexes.split(prefix, words)] for prefixes in given or [[keys.RUNS]]
        ]


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
        narrowest = await self._narrowest(wanted.indexes())
        roots = {root_id for root_id in wanted.root_ids if not before or root_id < before}
        while True:
            chunk = await self._chunk(narrowest, roots, highest)
            for run in await self._runs.get_many(chunk):
                yield run
            if len(chunk) < _CHUNK:
                return
            highest = f"({chunk[-1]}"
            roots.difference_update(chunk)

    async def _narrowest(self, choices: Sequence[Sequence[str]]) -> Sequence[str]:
        """The choice with the fewest candidates."""
        if len(choices) == 1:
            return choices[0]
        async with self._client.pipeline(transaction=False) as pipe:
            for key in (key for choice in choices for key in choice):
                pipe.zcard(key)
            sizes = iter(await pipe.execute())
        return min(choices, key=lambda choice: sum(next(sizes) for _ in choice))

    async def _chunk(self, index_keys: Sequence[str], roots: Iterable[str], highest: str) -> list[str]:
        """The next candidates; roots are in no index of their own tree."""
        async with self._client.pipeline(transaction=False) as pipe:
            for key in index_keys:
                pipe.zrange(key, highest, "-", desc=True, bylex=True, offset=0, num=_CHUNK)
            parts = await pipe.execute()
        return heapq.nlargest(_CHUNK, {run_id for part in (*parts, roots) for run_id in part})
