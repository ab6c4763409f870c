"""Where lines come from: the attempts of a run one after the other, or the build of a version."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestrator.api.paging import unknown_cursor
from orchestrator.core.logs import LogLine
from orchestrator.core.workflow import VersionStatus
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.logs import Cursor, LogStore, Page
from orchestrator.store.runs import RunStore
from orchestrator.store.workflows import WorkflowStore

_PAGE_LINES: Final = 500
_BLOCK_MS: Final = 1_000
_SETTLE_S: Final = 2.0
"""How long a finished log may take to be marked complete when somebody asks for it once …"""
_FOLLOW_SETTLE_S: Final = 15.0
"""… and when somebody follows it: its container may still be ending."""
_RECONNECT_S: Final = 0.5
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
class Parts:
    """The keys of the logs there are, in order; `is_final` when there will be no other, and none grows for long."""

    keys: Sequence[str]
    is_final: bool


Look = Callable[[], Awaitable[Parts]]
"""Finds out what parts there are now. Raises Missing or Unknown."""
Line = tuple[Place, LogLine]


def of_run(runs: RunStore, run_id: str, attempt: int | None) -> Look:
    """All attempts of a run, or one of them."""

    async def look() -> Parts:
        run = await runs.get(run_id)
        found = [keys.run_logs(run_id, one.number) for one in run.attempts]
        if attempt is None:
            return Parts(found, run.is_terminal)
        is_over = attempt < len(found) and run.attempts[attempt].ended_at_ms is not None
        return Parts(found[: attempt + 1], run.is_terminal or is_over)

    return look


def of_version(workflows: WorkflowStore, version_id: str) -> Look:
    """The build of a version."""

    async def look() -> Parts:
        version = await workflows.version(version_id)
        return Parts([keys.version_logs(version_id)], version.status not in _BUILDING)

    return look


class LogSource:
    """Reads the parts as one log."""

    def __init__(self, logs: LogStore, look: Look) -> None:
        self._logs = logs
        self._look = look

    async def read(self, place: Place, limit: int) -> list[Line]:
        """At most `limit` lines after the place, as far as there are."""
        await self._settle()
        lines: list[Line] = []
        parts = await self._look()
        while place.part < len(parts.keys) and len(lines) < limit:
            page = await self._logs.read(parts.keys[place.part], place.cursor, limit=limit - len(lines))
            lines += _placed(place.part, page)
            place = Place(place.part + 1) if page.is_end or not page.lines else lines[-1][0]
        return lines

    async def _settle(self) -> None:
        """Give the last lines of what has ended the time to arrive."""
        ends_at = time.monotonic() + _SETTLE_S
        parts = await self._look()
        while parts.is_final and parts.keys and time.monotonic() < ends_at:
            if await self._logs.is_complete(parts.keys[-1]):
                return
            await asyncio.sleep(0.05)

    async def follow(self, place: Place) -> AsyncIterator[Sequence[Line]]:
        """Lines as they are printed, in batches, an empty one about every second; ends where the log does."""
        silent_since = time.monotonic()
        while True:
            try:
                parts = await self._look()
                page = await self._next(parts, place)
            except UNAVAILABLE:
                page = Page([], False)
                await asyncio.sleep(_RECONNECT_S)
            lines = _placed(place.part, page)
            if lines:
                place, silent_since = lines[-1][0], time.monotonic()
            yield lines
            is_settled = time.monotonic() - silent_since > _FOLLOW_SETTLE_S
            has_next = place.part + 1 < len(parts.keys)
            if page.is_end or (is_settled and (parts.is_final or has_next)):
                place, silent_since = Place(place.part + 1), time.monotonic()
            if parts.is_final and place.part >= len(parts.keys):
                return

    async def _next(self, parts: Parts, place: Place) -> Page:
        """The lines after the place; those of a part that does not exist yet are waited for."""
        if place.part < len(parts.keys):
            return await self._logs.read(parts.keys[place.part], place.cursor, limit=_PAGE_LINES, wait_ms=_BLOCK_MS)
        if not parts.is_final:
            await asyncio.sleep(_BLOCK_MS / 1000 / 4)
        return Page([], False)


def _placed(part: int, page: Page) -> list[Line]:
    return [(Place(part, cursor), line) for cursor, line in page.lines]
