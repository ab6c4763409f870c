"""The feed: one entry for every change of a run, for whoever waits for one, and for those who show runs as they change.

An entry has two parts: `e` is what the scheduler has to know at once, `r` the run as a row, which is read where somebody looks.
Entries of earlier releases have no `r`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from redis.exceptions import ResponseError

from orchestrator.core.runs.annotations import Progress
from orchestrator.core.runs.run import Run, Status
from orchestrator.core.runs.summary import Reported, summary
from orchestrator.host.retrying import persist
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE, Client
from orchestrator.store.documents import dump_summary

log = logging.getLogger(__name__)

_GATHER_S: Final = 0.002
"""Changes that follow each other faster than this are read together."""
_BLOCK_MS: Final = 5_000
_RECONNECT_S: Final = 0.2
_PART: Final = 500

START: Final = "0-0"
"""Before the first entry."""


@dataclass(frozen=True, slots=True)
class Change:
    """A run is now in `status`."""

    run_id: str
    status: Status
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry by its id, which sort as `order` says; `row` is a summary as JSON, None in one of an earlier release."""

    id: str
    row: str | None


def order(entry_id: str) -> tuple[int, int]:
    """Where an entry is in the feed. Raises ValueError when it is no id."""
    at_ms, _, number = entry_id.partition("-")
    return int(at_ms), int(number)


def row(run: Run, progress: Progress | None = None) -> bytes:
    """The run as it is now, for those who show it, and how far it says it is."""
    found = summary(run)
    found.progress = Reported(progress.fraction, progress.message) if progress else None
    return dump_summary(found)


def payload(run: Run) -> str:
    """The entry for a run as it is now."""
    return json.dumps([run.id, run.status, run.parent_id])


def parse(text: str) -> Change:
    """The change in a feed entry."""
    run_id, status, parent_id = json.loads(text)
    return Change(run_id, Status(status), parent_id)


Listener: TypeAlias = Callable[[Change | None], None]


class Feed:
    """Reads the feed once for the whole process and tells every listener.

    A change may be missed while the store is away: after `reconnected` listeners must look at the truth again, which is
    why every listener also gets None then.
    """

    def __init__(self, client: Client, for_many: Client | None = None) -> None:
        """`for_many` is asked for what each of those who show runs has missed: they may be a thousand at once."""
        self._client = client
        self._for_many = for_many or client
        self._listeners: set[Listener] = set()
        self._listeners_of: dict[str, set[Listener]] = {}
        self._watchers: list[Callable[[Entry | None], None]] = []
        self.is_connected = asyncio.Event()

    @property
    def listener_count(self) -> int:
        """How many listen at present."""
        return len(self._listeners) + len(set().union(*self._listeners_of.values()))

    @contextlib.contextmanager
    def listen(self, listener: Listener, run_ids: Collection[str] | None = None) -> Iterator[None]:
        """Call `listener` with every change from now on, or with those of some runs; it must not block."""
        sets = [self._listeners] if run_ids is None else [self._listeners_of.setdefault(one, set()) for one in run_ids]
        for listeners in sets:
            listeners.add(listener)
        try:
            yield
        finally:
            for listeners in sets:
                listeners.discard(listener)
            for run_id in run_ids or ():
                if not self._listeners_of.get(run_id):
                    self._listeners_of.pop(run_id, None)

    def watch(self, watcher: Callable[[Entry | None], None]) -> None:
        """Call `watcher` with every entry that is read, for as long as the feed is; it must not block."""
        self._watchers.append(watcher)

    async def newest_id(self) -> str:
        """The id of the newest entry."""
        newest = await self._for_many.xrevrange(keys.FEED, count=1)
        return str(newest[0][0]) if newest else START

    async def keeps(self, entry_id: str) -> bool:
        """Whether all entries after this one are still there; not when it is of another feed."""
        if entry_id == START:
            return bool(await self._for_many.xlen(keys.FEED) == await self._added())
        oldest = await self._for_many.xrange(keys.FEED, count=1)
        is_ours = order(entry_id) <= order(await self.newest_id())
        return is_ours and bool(oldest) and order(oldest[0][0]) <= order(entry_id)

    async def _added(self) -> int:
        """How many entries there ever were."""
        try:
            return int((await self._for_many.xinfo_stream(keys.FEED)).get("entries-added", -1))
        except ResponseError:
            return 0

    async def after(self, entry_id: str) -> AsyncIterator[list[Entry]]:
        """The entries after this one, in parts, until there are no more."""
        while part := await self._for_many.xrange(keys.FEED, min=f"({entry_id}", count=_PART):
            entry_id = part[-1][0]
            yield [Entry(one, fields.get("r")) for one, fields in part]

    async def newest_ms(self) -> int:
        """When the newest change was made, by the store's clock; 0 when there is none."""
        newest = await self._client.xrevrange(keys.FEED, count=1)
        return int(newest[0][0].partition("-")[0]) if newest else 0

    async def run(self) -> None:
        """Read for ever."""
        await persist(self._read, despite=UNAVAILABLE, wait_s=_RECONNECT_S, report=self._interrupted)

    def _interrupted(self, error: Exception) -> None:
        if self.is_connected.is_set():
            log.warning("feed interrupted: %s", error)
        self.is_connected.clear()

    async def _read(self) -> None:
        newest = await self._client.xrevrange(keys.FEED, count=1)
        position = newest[0][0] if newest else "0-0"
        self.is_connected.set()
        self._tell(None)
        self._show(None)
        while True:
            asked_s = time.monotonic()
            answer = await self._client.xread({keys.FEED: position}, count=500, block=_BLOCK_MS)
            entries = answer[0][1] if answer else []
            for entry_id, fields in entries:
                self._tell(parse(fields["e"]))
                self._show(Entry(entry_id, fields.get("r")))
            position = entries[-1][0] if entries else position
            if time.monotonic() - asked_s < _GATHER_S:
                await asyncio.sleep(_GATHER_S)

    def _tell(self, change: Change | None) -> None:
        if change is None:
            listeners = self._listeners.union(*self._listeners_of.values())
        else:
            listeners = self._listeners.union(self._listeners_of.get(change.run_id, ()))
        for listener in listeners:
            listener(change)

    def _show(self, entry: Entry | None) -> None:
        for watcher in self._watchers:
            watcher(entry)
