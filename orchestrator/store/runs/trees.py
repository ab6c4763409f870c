"""Trees of runs, read whole: thousands of runs by few questions, and by none that keeps the event loop or the store for long.

All runs below a root are in its indexes by status, which every release has kept. Below another run they are found from parent to
children.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.runs.run import WIRE_STATUS, Run, Status
from orchestrator.core.runs.summary import Reported, Summary
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.documents import load_summaries, summaries_of
from orchestrator.store.runs import indexes
from orchestrator.store.scripts.verbs import READ_RUNS

_CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True)
class Members:
    """The ids of a run and all below it, by their status on the wire."""

    by_status: dict[str, list[str]]

    def ids(self) -> list[str]:
        """All of them, in the order in which they were made."""
        return sorted(run_id for ids in self.by_status.values() for run_id in ids)

    def counts(self) -> dict[str, int]:
        """How many there are of each status."""
        return {word: len(ids) for word, ids in self.by_status.items()}

    def statuses(self) -> dict[str, str]:
        """The status of each."""
        return {run_id: word for word, ids in self.by_status.items() for run_id in ids}


class Trees:
    """Reads them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._read = READ_RUNS.on(client)

    async def members(self, run: Run) -> Members:
        """The run and all below it, as they are at one moment where it is a root."""
        return await (self._below_root(run) if run.id == run.root_id else self._below(run))

    async def summaries(self, run_ids: Sequence[str], statuses: Mapping[str, str]) -> AsyncIterator[list[Summary]]:
        """The runs as rows, part by part in the order given, without those that are gone.

        A run whose row is missing, or has another status than in `statuses`, was changed by an earlier release, which writes its
        document alone.
        """
        for part in _parts(run_ids):
            found = {row.id: row for row in load_summaries(await self._texts("row", part))}
            old = [one for one in part if one not in found or found[one].status != statuses.get(one, found[one].status)]
            found |= {row.id: row for row in summaries_of(await self._texts("doc", old))}
            yield [found[one] for one in part if one in found]

    async def progress(self, rows: Iterable[Summary]) -> None:
        """Note in the rows of running runs how far they say they are."""
        running = {row.id: row for row in rows if row.status == "running"}
        for part in _parts(list(running)):
            for run_id, said in zip(part, await self._field("progress", part), strict=True):
                running[run_id].progress = _reported(said, running[run_id].attempts - 1) if said else None

    async def _below_root(self, run: Run) -> Members:
        words = sorted(indexes.WORDS)
        async with self._client.pipeline(transaction=True) as pipe:
            for key in indexes.split(keys.runs_by("root", run.id)):
                pipe.zrange(key, 0, -1)
            pipe.hget(keys.run(run.id), "status")
            *parts, status = await pipe.execute()
        found = Members(dict(zip(words, map(list, parts), strict=True)))
        found.by_status[WIRE_STATUS[Status(status or run.status)]].append(run.id)
        return found

    async def _below(self, run: Run) -> Members:
        """Level by level: there are at most some hundreds."""
        found, level = [run.id], [run.id]
        while level:
            level = [child for parent in [await self._children(part) for part in _parts(level)] for child in parent]
            found += level
        by_status: dict[str, list[str]] = {word: [] for word in sorted(indexes.WORDS)}
        for part in _parts(found):
            for run_id, status in zip(part, await self._field("status", part), strict=True):
                if status is not None:
                    by_status[WIRE_STATUS[Status(status)]].append(run_id)
        return Members(by_status)

    async def _children(self, run_ids: Iterable[str]) -> list[str]:
        async with self._client.pipeline(transaction=False) as pipe:
            for run_id in run_ids:
                pipe.hvals(keys.calls(run_id))
            return [child for children in await pipe.execute() for child in children]

    async def _texts(self, field: str, run_ids: Sequence[str]) -> list[str]:
        found = await self._field(field, run_ids) if run_ids else []
        return [text for text in found if text is not None]

    async def _field(self, field: str, run_ids: Iterable[str]) -> list[str | None]:
        return await self._read(run_prefix=keys.RUN_PREFIX, ids=" ".join(run_ids), field=field)


def _parts(run_ids: Sequence[str]) -> list[Sequence[str]]:
    return [run_ids[start : start + _CHUNK] for start in range(0, len(run_ids), _CHUNK)]


def _reported(said: str, attempt: int) -> Reported | None:
    """What the newest attempt said; a new one begins from the start."""
    fraction, message, of_attempt, *_ = json.loads(said)
    return Reported(fraction, message) if of_attempt == attempt else None
