"""Where lines come from: the attempts of a run one after the other, or the build of a version."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestrator.api.logs.tail import Follower
from orchestrator.api.requests.paging import unknown_cursor
from orchestrator.core.logs import LogLine
from orchestrator.core.workflow import VersionStatus
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.logs import Cursor, LogStore, Page
from orchestrator.store.runs.store import RunNotFound, RunStore
from orchestrator.store.workflows.store import Unknown, WorkflowStore

_PAGE_LINES: Final = 500
GRACE_MS: Final = 2_000
"""How long the last lines of an ended part are waited for when somebody asks once …"""
FOLLOW_GRACE_MS: Final = 15_000
"""… and when somebody follows: its container may still be ending."""
POLL_S: Final = 0.05
LOOK_S: Final = 5.0
"""Between two looks at a run that is followed, of which every change is heard …"""
_LOOK_UNHEARD_S: Final = 1.0
"""… and at a version, or at the end of an attempt, of which none is."""
RECONNECT_S: Final = 0.5
_PLACE: Final = re.compile(r"\d{1,6}:\d{1,15}-\d{1,15}\.(-1|\d{1,9})", re.ASCII)
_BUILDING: Final = frozenset({VersionStatus.CREATED, VersionStatus.BUILDING, VersionStatus.REGISTERING})


@dataclass(frozen=True, slots=True)
class Place:
    """After which line of which part; written ``part:cursor``."""

    part: int = 0
    cursor: Cursor = field(default_factory=Cursor)

    def __str__(self) -> str:
        return f"{self.part}:{self.cursor}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """The way back from str. Raises Refused."""
        if not _PLACE.fullmatch(text):
            raise unknown_cursor(text)
        part, _, cursor = text.partition(":")
        return cls(int(part), Cursor.parse(cursor))


@dataclass(frozen=True, slots=True)
class Part:
    """One log; `ended_at_ms` is when its writer ended, so that it does not grow for long, None before.

    `channel_id` is of the container that writes it, where it is a container.
    """

    key: str
    ended_at_ms: int | None
    channel_id: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """The logs there are, in order; `is_final` when there will be no other."""

    found: Sequence[Part]
    is_final: bool


Look = Callable[[], Awaitable[Parts]]
"""Finds out what parts there are now. Raises RunNotFound or Unknown."""
Line = tuple[Place, LogLine]


def of_run(runs: RunStore, run_id: str, attempt: int | None) -> Look:
    """All attempts of a run, or one of them."""

    async def look() -> Parts:
        run = await runs.get(run_id)
        found = [Part(keys.run_logs(run_id, one.number), one.ended_at_ms, one.channel_id) for one in run.attempts]
        if attempt is None:
            return Parts(found, run.is_terminal)
        is_over = attempt < len(found) and found[attempt].ended_at_ms is not None
        return Parts(found[: attempt + 1], run.is_terminal or is_over)

    return look


def of_version(workflows: WorkflowStore, version_id: str) -> Look:
    """The build of a version."""

    async def look() -> Parts:
        version = await workflows.version(version_id)
        is_over = version.status not in _BUILDING
        ended_at_ms = 0 if is_over else None  # its lines are stored before its end is
        return Parts([Part(keys.version_logs(version_id), ended_at_ms)], is_over)

    return look


class LogSource:
    """Reads the parts as one log."""

    def __init__(self, logs: LogStore, look: Look, now_ms: Callable[[], int]) -> None:
        self._logs = logs
        self._look = look
        self._now_ms = now_ms
        self.writing = ""
        """The channel of the container that writes the log which is followed at present."""

    async def read(self, place: Place, limit: int) -> list[Line]:
        """At most `limit` lines after the place, as far as there are."""
        await self.await_last_lines()
        lines: list[Line] = []
        parts = await self._look()
        while place.part < len(parts.found) and len(lines) < limit:
            page = await self._logs.read(parts.found[place.part].key, place.cursor, limit=limit - len(lines))
            lines += placed(place.part, page)
            place = Place(place.part + 1) if page.is_end or not page.lines else lines[-1][0]
        return lines

    async def await_last_lines(self) -> None:
        """Give the last lines of what has ended the time to arrive."""
        parts = await self._look()
        if not parts.is_final or not parts.found:
            return
        last = parts.found[-1]
        while not self._is_past_grace(last, GRACE_MS):
            if await self._logs.is_complete(last.key):
                return
            await asyncio.sleep(POLL_S)

    def _is_past_grace(self, part: Part, grace_ms: int) -> bool:
        return part.ended_at_ms is not None and self._now_ms() - part.ended_at_ms > grace_ms

    async def follow(self, place: Place, follower: Follower) -> AsyncIterator[tuple[int, Page]]:
        """Pages of lines as they are printed, each with its part, an empty one now and then; ends where the log does."""
        parts = None
        while True:
            try:
                if parts is None or follower.has_changed:
                    follower.has_changed = False
                    parts = await self._look()
                page = await self._next(parts, place, follower)
            except UNAVAILABLE:
                await asyncio.sleep(RECONNECT_S)
                parts = None
                yield place.part, Page([], False)
                continue
            except (RunNotFound, Unknown):  # removed meanwhile, and its log with it
                return
            yield place.part, page
            place = _after(place, page)
            if parts.is_final and place.part >= len(parts.found):
                return
            if page.is_end or not (page.lines or follower.was_woken):
                parts = None  # where one ends, more may have: a build's status is stored before its log's end

    async def _next(self, parts: Parts, place: Place, follower: Follower) -> Page:
        """The lines after the place, waited for."""
        before, self.writing = self.writing, ""
        if place.part >= len(parts.found):  # the next attempt has not begun
            if not parts.is_final:
                await follower.wait(LOOK_S if follower.hears else _LOOK_UNHEARD_S)
            return Page([], False)
        part = parts.found[place.part]
        self.writing = part.channel_id if part.ended_at_ms is None else ""
        page = await follower.read(part.key, place.cursor, _PAGE_LINES)
        if page.lines or page.is_end:
            return page
        if self._is_past_grace(part, FOLLOW_GRACE_MS):
            return Page([], True)
        if self.writing != before:
            return page  # whoever looks at it begins with that before anything is waited for
        await follower.wait(LOOK_S if follower.hears and part.ended_at_ms is None else _LOOK_UNHEARD_S)
        return page


def _after(place: Place, page: Page) -> Place:
    if page.is_end:
        return Place(place.part + 1)
    return Place(place.part, page.lines[-1][0]) if page.lines else place


def placed(part: int, page: Page) -> list[Line]:
    """The lines of a page of this part."""
    return [(Place(part, cursor), line) for cursor, line in page.lines]
