"""Lists of runs: newest first, by index, page by page; however much there is, a request reads a bounded part of it.

What indexes tell is told by indexes alone; documents are read only of runs that will be shown, or whose error is searched.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from orchestrator.core.runs.run import Run
from orchestrator.store import ids, keys
from orchestrator.store.connection import Client
from orchestrator.store.runs.annotations import Annotated
from orchestrator.store.runs.filter import Filter, Group
from orchestrator.store.runs.store import RunStore

__all__ = ["Counts", "Filter", "Found", "RunListing"]

CANDIDATES_LIMIT: Final = 20_000
"""Ids that one request looks at."""
DOCUMENTS_LIMIT: Final = 2_000
"""Documents that one request reads to look for a text."""
SERIES_MS: Final = 6 * 3600 * 1000
_FIRST_CHUNK: Final = 100
_CHUNK: Final = 1_000
_DOCUMENTS_CHUNK: Final = 100
_LOOKUPS_AT_ONCE: Final = 20_000
"""Ids times indexes: what their answers take must not hold the event loop."""
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Found:
    """Runs, newest first; `following` is the id after which to go on, None when there are no more."""

    runs: list[Annotated]
    following: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of each status on the wire; of those made in the last hours, by the minute in which they were, too.

    `is_complete` is false when there were more than one request counts: the newest were.
    """

    totals: dict[str, int]
    by_minute: dict[int, Counter[str]]
    is_complete: bool


@dataclass(slots=True)
class _Budget:
    """What a request may still look at."""

    candidates: int = field(default_factory=lambda: CANDIDATES_LIMIT)
    documents: int = field(default_factory=lambda: DOCUMENTS_LIMIT)

    @property
    def is_used_up(self) -> bool:
        return self.candidates <= 0 or self.documents <= 0


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Ids that match, as far as could be told, of all down to `position`; `is_last` when nothing is below that."""

    ids: list[str]
    position: str
    is_last: bool


@dataclass(slots=True)
class _Scan:
    """How a filter's candidates are gone through: those of `narrowest`, as far as they are in each of `others` too."""

    narrowest: Group
    others: list[Group]
    low: str
    highest: str
    roots: set[str] = field(default_factory=set)

    @property
    def most(self) -> int:
        """How many ids may be looked up at once."""
        lookups = sum(len(other.keys) for other in self.others) or 1
        return max(50, min(_CHUNK, _LOOKUPS_AT_ONCE // lookups))


class RunListing:
    """Pages of runs, and how many there are."""

    def __init__(self, client: Client, runs: RunStore) -> None:
        self._client = client
        self._runs = runs
        self._are_roots_indexed = False

    async def page(self, wanted: Filter, *, before: str | None, limit: int) -> list[Run]:
        """At most `limit` accepted runs, newest first, from below the id `before`."""
        return [one.run for one in (await self.find(wanted, before=before, limit=limit)).runs]

    async def find(self, wanted: Filter, *, before: str | None, limit: int) -> Found:
        """At most `limit` accepted runs, newest first, from below the id `before`; fewer also where it took too long."""
        found: list[Annotated] = []
        budget = _Budget()
        async for chunk in self.matching(wanted, before=before, budget=budget):
            left = chunk.ids
            while left and len(found) < limit:
                asked, left = left[: limit - len(found)], left[limit - len(found) :]
                found += [one for one in await self._runs.get_annotated(asked) if wanted.accepts(one.run)]
            if len(found) == limit:
                is_last = not left and chunk.is_last
                return Found(found, None if is_last else found[-1].run.id)
            if budget.is_used_up and not chunk.is_last:
                return Found(found, chunk.position)
        return Found(found, None)

    async def newest_ids(self, wanted: Filter, count: int) -> list[str]:
        """The ids of so many at most of the runs that match, newest first: all of them are looked for, however long it takes."""
        found: list[str] = []
        async for chunk in self.matching(wanted, before=None):
            found += chunk.ids
            if len(found) >= count:
                break
        return found[:count]

    async def counts(self, wanted: Filter, *, now_ms: int) -> Counts:
        """How many runs there are of each status that the filter may accept."""
        totals: dict[str, int] = {}
        by_minute: dict[int, Counter[str]] = {}
        is_complete = True
        for word in sorted(wanted.words):
            of_word = wanted.only(word)
            totals[word], is_known = await self._total(of_word)
            since_ms = max(now_ms - SERIES_MS, wanted.created_from_ms or 0) if is_known else wanted.created_from_ms
            budget = _Budget()
            async for chunk in self.matching(replace(of_word, created_from_ms=since_ms), before=None, budget=budget):
                totals[word] += 0 if is_known else len(chunk.ids)
                for minute, count in Counter(map(_minute, chunk.ids)).items():
                    by_minute.setdefault(minute, Counter())[word] += count
                is_complete = is_complete and (chunk.is_last or not budget.is_used_up)
        begin_ms = now_ms - SERIES_MS
        return Counts(totals, {at: by_minute[at] for at in sorted(by_minute) if at >= begin_ms}, is_complete)

    async def _total(self, wanted: Filter) -> tuple[int, bool]:
        """How many there are where one look at the indexes says it; whether it does."""
        groups = await self._groups(wanted)
        (group, *others), (low, high) = groups, wanted.bounds
        if others or group.roots or not group.is_disjoint or await self._needs_documents(wanted):
            return 0, False
        async with self._client.pipeline(transaction=False) as pipe:
            for key in group.keys:
                pipe.zlexcount(key, low, high)
            return sum(await pipe.execute()), True

    async def matching(
        self, wanted: Filter, *, before: str | None, budget: _Budget | None = None
    ) -> AsyncIterator[_Chunk]:
        """The ids of runs that match, newest first, chunk by chunk, until there are no more or the budget is used up."""
        budget = budget or _Budget(2**62, 2**62)
        scan = await self._scan(wanted, before)
        is_read = await self._needs_documents(wanted)
        size = min(_DOCUMENTS_CHUNK if is_read else _FIRST_CHUNK, scan.most)
        while True:
            chunk = await self._next(scan, size)
            budget.candidates -= size
            if is_read:
                budget.documents -= len(chunk.ids)
            # No index of its own tree says what a root is.
            yield replace(
                chunk, ids=await self._accepted(wanted, chunk.ids, frozenset(chunk.ids) if is_read else wanted.root_ids)
            )
            if chunk.is_last or budget.is_used_up:
                return
            size = size if is_read else scan.most

    async def _accepted(self, wanted: Filter, run_ids: list[str], read: frozenset[str]) -> list[str]:
        """Without those that must be `read` and are not accepted."""
        asked = [run_id for run_id in run_ids if run_id in read]
        wrong = set(asked) - {run.id for run in await self._runs.get_many(asked) if wanted.accepts(run)}
        return [run_id for run_id in run_ids if run_id not in wrong]

    async def _needs_documents(self, wanted: Filter) -> bool:
        return bool(wanted.text) or (wanted.roots_only and not await self._knows_roots())

    async def _knows_roots(self) -> bool:
        """Whether also the roots that earlier releases made are in their index."""
        self._are_roots_indexed = self._are_roots_indexed or bool(await self._client.exists(keys.INDEXED))
        return self._are_roots_indexed

    async def _groups(self, wanted: Filter) -> list[Group]:
        return wanted.groups(are_roots_indexed=wanted.roots_only and await self._knows_roots())

    async def _scan(self, wanted: Filter, before: str | None) -> _Scan:
        groups = await self._groups(wanted)
        narrowest = await self._narrowest(groups)
        low, high = wanted.bounds
        highest = min((one for one in (f"({before}" if before else "+", high) if one != "+"), default="+")
        roots = {root for root in narrowest.roots if low[1:] <= root and (highest == "+" or root < highest[1:])}
        return _Scan(narrowest, [group for group in groups if group is not narrowest], low, highest, roots)

    async def _narrowest(self, groups: Sequence[Group]) -> Group:
        """The group with the fewest candidates."""
        if len(groups) == 1:
            return groups[0]
        async with self._client.pipeline(transaction=False) as pipe:
            for group in groups:
                for key in group.keys:
                    pipe.zcard(key)
            sizes = iter(await pipe.execute())
        return min(groups, key=lambda group: sum(next(sizes) for _ in group.keys))

    async def _next(self, scan: _Scan, size: int) -> _Chunk:
        """The next candidates that are in every group; roots are in no index of their own tree."""
        async with self._client.pipeline(transaction=False) as pipe:
            for key in scan.narrowest.keys:
                pipe.zrange(key, scan.highest, scan.low, desc=True, bylex=True, offset=0, num=size)
            parts = await pipe.execute()
        found = heapq.nlargest(size, {run_id for part in (*parts, scan.roots) for run_id in part})
        scan.roots.difference_update(found)
        if found:
            scan.highest = f"({found[-1]}"
        return _Chunk(await self._in_all(scan.others, found), found[-1] if found else "", len(found) < size)

    async def _in_all(self, groups: Sequence[Group], run_ids: list[str]) -> list[str]:
        for group in groups:
            run_ids = await self._in(group, run_ids)
        return run_ids

    async def _in(self, group: Group, run_ids: list[str]) -> list[str]:
        if not run_ids or not group.keys:
            return [run_id for run_id in run_ids if run_id in group.roots]
        async with self._client.pipeline(transaction=False) as pipe:
            for key in group.keys:
                pipe.zmscore(key, run_ids)
            scores: list[list[Any]] = await pipe.execute()
        is_in = [any(score is not None for score in of_one) for of_one in zip(*scores, strict=True)]
        return [run_id for run_id, found in zip(run_ids, is_in, strict=True) if found or run_id in group.roots]


def _minute(run_id: str) -> int:
    return ids.made_ms(run_id) // _MINUTE_MS * _MINUTE_MS
