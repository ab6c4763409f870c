"""What a run and all below it printed, as one log by time.

Nothing is stored for it. Of the attempts' logs those are read in which a part of it can be: in the order in which they began, until
the lines that were found are older than what the next ones can have, and not those that had ended before it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from orchestrator.api.logs.sources import GRACE_MS, POLL_S, Place
from orchestrator.api.requests.paging import unknown_cursor
from orchestrator.core.logs import LogLine
from orchestrator.core.runs.run import Run
from orchestrator.core.runs.summary import Summary
from orchestrator.store import keys
from orchestrator.store.logs import Cursor, LogStore, Page
from orchestrator.store.runs.indexes import ENDED
from orchestrator.store.runs.trees import Trees

_AT_ONCE: Final = 50
_BATCHES: Final = 8
"""Of each log at a time: half a MiB at most."""
_SKEW_MS: Final = 60_000
"""So far a clock may have been set back between a line's printing and its storing."""
_MOMENT: Final = re.compile(r"(\d{1,19})@(trn-[0-9a-v]{20})@(\d{1,6}:\d{1,15}-\d{1,15}\.(?:-1|\d{1,9}))", re.ASCII)


class Moment(NamedTuple):
    """Where a line is in the log of a tree; moments sort as its lines do."""

    at_ns: int
    run_id: str
    part: int
    entry: tuple[int, ...]
    line: int

    def __str__(self) -> str:
        return f"{self.at_ns}@{self.run_id}@{self.part}:{'-'.join(map(str, self.entry))}.{self.line}"

    @classmethod
    def of(cls, at_ns: int, run_id: str, part: int, cursor: Cursor) -> Moment:
        """Of the line before the cursor."""
        return cls(at_ns, run_id, part, tuple(map(int, cursor.entry.split("-"))), cursor.index)

    @classmethod
    def parse(cls, text: str) -> Moment:
        """The way back from str. Raises Refused."""
        if not (found := _MOMENT.fullmatch(text)):
            raise unknown_cursor(text)
        place = Place.parse(found[3])
        return cls.of(int(found[1]), found[2], place.part, place.cursor)


START: Final = Moment(-1, "", 0, (), 0)
"""Before all lines."""


class TreeLine(NamedTuple):
    """A line, where it is, and whose it is."""

    moment: Moment
    line: LogLine
    cursor: Cursor
    part: Part


@dataclass(slots=True)
class Part:
    """One attempt's log, and how far it was told; `newest_ns` keeps its lines in their order, whatever their times."""

    row: Summary
    number: int
    begun_ms: int
    ended_ms: int | None
    cursor: Cursor
    newest_ns: int = 0
    end: Cursor | None = None

    @property
    def key(self) -> str:
        """Of the log in the store."""
        return keys.run_logs(self.row.id, self.number)

    @property
    def place(self) -> tuple[tuple[int, ...], int]:
        """Of the cursor, among all lines of the attempt."""
        return tuple(map(int, self.cursor.entry.split("-"))), self.cursor.index

    @property
    def is_done(self) -> bool:
        """Whether it was told to its end."""
        return self.cursor == self.end

    def lines(self, page: Page, after: Moment) -> list[TreeLine]:
        """What is new of the page; what was told before is passed over."""
        found: list[TreeLine] = []
        newest_ns = self.newest_ns
        for cursor, line in page.lines:
            newest_ns = max(newest_ns, line.timestamp_ns)
            moment = Moment.of(newest_ns, self.row.id, self.number, cursor)
            if moment > after:
                found.append(TreeLine(moment, line, cursor, self))
            else:
                self.told(moment, cursor)
        if page.is_end:
            self.end = page.lines[-1][0] if page.lines else self.cursor
        return found

    def told(self, moment: Moment, cursor: Cursor) -> None:
        """Go on after this line."""
        self.newest_ns, self.cursor = moment.at_ns, cursor


class TreeLog:
    """Reads the log of a tree from a moment on. What comes late, its time being that of lines already told, is told late."""

    def __init__(  # where it is, and from where on it is wanted
        self,
        trees: Trees,
        logs: LogStore,
        run: Run,
        after: Moment,
        now_ms: Callable[[], int],
        since_ms: int | None = None,
    ) -> None:
        """`since_ms` is from when on what was stored is looked at, where that is not the moment."""
        self._trees = trees
        self._logs = logs
        self._run = run
        self._after = after
        self._now_ms = now_ms
        self._from_ms = (after.at_ns // 1_000_000 if since_ms is None else since_ms) - _SKEW_MS
        self._parts: dict[str, Part] = {}
        self._ended: set[str] = set()
        self._is_ended = False
        self.newest = after
        """The newest moment that was told."""

    async def page(self, limit: int) -> list[TreeLine]:
        """The next lines, at most `limit`, as far as there are."""
        found = await self.next(limit)
        while len(found) < limit and any(part.ended_ms is not None for part in self.awaited(GRACE_MS)):
            await asyncio.sleep(POLL_S)
            found += await self.next(limit - len(found))
        return sorted(found, key=_moment)

    async def next(self, limit: int) -> list[TreeLine]:
        """The next lines that are stored by now, at most `limit`."""
        await self.look()
        found: list[TreeLine] = []
        while len(found) < limit and (chunk := await self._chunk(limit - len(found))):
            found += chunk
        self.newest = max([self.newest, *map(_moment, found)])
        return found

    def awaited(self, grace_ms: int) -> Iterator[Part]:
        """Of which more may come: those that go on, or ended so short a time ago."""
        now_ms = self._now_ms()
        for part in self._parts.values():
            if not part.is_done and (part.ended_ms is None or now_ms - part.ended_ms <= grace_ms):
                yield part

    def is_over(self, grace_ms: int) -> bool:
        """Whether no line can follow, as far as was looked."""
        return self._is_ended and not any(self.awaited(grace_ms))

    def knows(self, line: TreeLine) -> bool:
        """Whether it was told, or is from before what is wanted."""
        part = self._parts.get(line.part.key)
        place = line.moment.entry, line.moment.line
        return line.moment.entry[0] < self._from_ms or (part is not None and place <= part.place)

    def note(self, last: Iterable[TreeLine]) -> None:
        """Somebody else has told the lines up to these, the last of each attempt."""
        for moment, _, cursor, part in last:
            self._parts.setdefault(part.key, replace(part)).told(moment, cursor)
            self.newest = max(self.newest, moment)

    async def look(self) -> Iterable[str]:
        """Find out which runs, whose ids it returns, and attempts there are; what has ended is read once."""
        members = await self._trees.members(self._run)
        run_ids = members.ids()
        going_on = {run_id for run_id in run_ids if run_id not in self._ended}
        gone = set(going_on)
        async for rows in self._trees.summaries(sorted(going_on), members.statuses()):
            for row in rows:
                gone.discard(row.id)
                self._open(row)
        self._ended |= gone
        self._is_ended = len(self._ended) == len(run_ids)
        return run_ids

    def _open(self, row: Summary) -> None:
        """The newest attempts, whose times a row has, unless they ended before all that is asked for."""
        for number, (claimed_ms, _, ended_ms) in enumerate(row.spans, row.attempts - len(row.spans)):
            over_ms = None if ended_ms is None else row.created_at_ms + ended_ms
            if known := self._parts.get(keys.run_logs(row.id, number)):
                known.ended_ms = over_ms
            elif over_ms is None or over_ms >= self._from_ms:
                part = Part(row, number, row.created_at_ms + claimed_ms, over_ms, Cursor(f"{max(0, self._from_ms)}-0"))
                self._parts[part.key] = part
        if row.status in ENDED:
            self._ended.add(row.id)

    async def _chunk(self, limit: int) -> list[TreeLine]:
        """The lines that come next; none when there is nothing new."""
        found: list[TreeLine] = []
        bounds: list[Moment] = []
        unread = sorted((part for part in self._parts.values() if not part.is_done), key=lambda part: part.begun_ms)
        for start in range(0, len(unread), _AT_ONCE):
            found.sort(key=_moment)
            if len(found) >= limit and found[limit - 1].moment.at_ns < unread[start].begun_ms * 1_000_000:
                break
            await self._read(unread[start : start + _AT_ONCE], found, bounds)
        found.sort(key=_moment)
        chosen = [line for line in found if not bounds or line.moment <= min(bounds)][:limit]
        for line in chosen:
            line.part.told(line.moment, line.cursor)
        return chosen

    async def _read(self, parts: list[Part], found: list[TreeLine], bounds: list[Moment]) -> None:
        """Add what is new in the parts; `bounds` are the moments up to which those are known that have still more."""
        while parts:
            pages = await self._logs.read_many({part.key: part.cursor for part in parts}, _BATCHES)
            is_cut: list[Part] = []
            for part, page in zip(parts, pages, strict=True):
                if lines := part.lines(page, self._after):
                    found += lines
                    bounds += [lines[-1].moment] if page.is_cut else []
                elif page.is_cut and page.lines:
                    is_cut.append(part)
            parts = is_cut


def _moment(line: TreeLine) -> Moment:
    return line.moment
