"""Changes of runs for all who follow them: read once, made into an event once, however many they are.

Nobody is waited for. A follower has at most `LIMIT` runs to be told of, each as it was last; one who falls behind further, or whose
entries were missed while the store was away, is to read the feed again from where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from orchestrator.api.live import rows
from orchestrator.api.sse import event
from orchestrator.core.runs.summary import Summary
from orchestrator.store.documents import load_summary
from orchestrator.store.runs.feed import Entry, Feed, order

LIMIT: Final = 10_000
_WOKEN_AT_ONCE: Final = 25
_WAKE_EVERY_S: Final = 0.025
"""A thousand a second, so that however many follow, most of the time is left to others; what comes meanwhile goes together."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs somebody follows: those for which everything holds that is given."""

    root_id: str | None = None
    workflow_id: str | None = None
    roots_only: bool = False

    def accepts(self, row: Summary) -> bool:
        """Whether the run is one of them."""
        return (
            self.root_id in (None, row.root_id)
            and self.workflow_id in (None, row.workflow_id)
            and not (self.roots_only and row.parent_id)
        )


@dataclass(slots=True)
class Change:
    """A run after an entry of the feed; `text` is the event that tells of it, once somebody needed it."""

    entry_id: str
    row: Summary
    text: str = ""


class Follower:
    """What one who follows has not been told yet; `is_behind` when that is not all, `at` is up to where it knows of all."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pending: dict[str, Change] = {}
        self._news = asyncio.Event()
        self.is_behind = True
        self.at = ""

    def put(self, change: Change) -> None:
        """Note a change; of each run the newest counts."""
        self._pending.pop(change.row.id, None)
        self._pending[change.row.id] = change
        if len(self._pending) > self._limit:
            self.fall_behind()

    def fall_behind(self) -> None:
        """Let it read the feed again."""
        self._pending.clear()
        self.is_behind = True

    def wake(self) -> None:
        """It is its turn to take what is new."""
        self._news.set()

    def take(self) -> list[Change]:
        """What is new since `at`, in order."""
        self._news.clear()
        changes = [change for change in self._pending.values() if order(change.entry_id) > order(self.at)]
        self._pending.clear()
        self.at = changes[-1].entry_id if changes else self.at
        return changes

    async def wait(self, timeout_s: float) -> bool:
        """Whether there is something to take or to read again, within this time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        return self._news.is_set() or self.is_behind or bool(self._pending)


class Hub:
    """Tells all followers of one process."""

    def __init__(
        self, feed: Feed, find_slug: Callable[[str], Awaitable[str | None]], now_ms: Callable[[], int]
    ) -> None:
        self._find_slug = find_slug
        self._now_ms = now_ms
        self._alike: dict[Wanted, set[Follower]] = {}
        self._to_wake: dict[Follower, None] = {}
        self._waking: asyncio.TimerHandle | None = None
        self.newest = ""
        """Of the feed, as far as is known."""
        feed.watch(self._notice)

    @contextlib.contextmanager
    def follow(self, wanted: Wanted, *, limit: int = LIMIT) -> Iterator[Follower]:
        """A follower, who is behind at first: what it has to know from before is in the feed."""
        follower = Follower(limit)
        alike = self._alike.setdefault(wanted, set())
        alike.add(follower)
        try:
            yield follower
        finally:
            alike.discard(follower)
            self._to_wake.pop(follower, None)
            if not alike:
                self._alike.pop(wanted, None)

    def _notice(self, entry: Entry | None) -> None:
        """Listen to the feed; rows are read only while somebody follows."""
        self.newest = "" if entry is None else entry.id
        if not self._alike:
            return
        if entry is None or entry.row is None:
            for follower in [one for alike in self._alike.values() for one in alike]:
                follower.fall_behind()
                self._wake(follower)
            return
        change = Change(entry.id, load_summary(entry.row))
        for wanted, alike in self._alike.items():
            if wanted.accepts(change.row):
                for follower in alike:
                    follower.put(change)
                    self._wake(follower)

    def _wake(self, follower: Follower) -> None:
        self._to_wake[follower] = None
        if self._waking is None:
            self._waking = asyncio.get_running_loop().call_later(0, self._wake_some)

    def _wake_some(self) -> None:
        for follower in list(itertools.islice(self._to_wake, _WOKEN_AT_ONCE)):
            del self._to_wake[follower]
            follower.wake()
        again = asyncio.get_running_loop().call_later
        self._waking = again(_WAKE_EVERY_S, self._wake_some) if self._to_wake else None

    def heartbeat(self, follower: Follower) -> str:
        """A sign of life for one who has taken all there is: its position moves on with the feed's."""
        if self.newest and order(self.newest) > order(follower.at):
            follower.at = self.newest
        return f"id: {follower.at}\n: ping\n\n"

    async def events(self, changes: Iterable[Change]) -> str:
        """The events that tell of the changes."""
        return "".join([change.text or await self._write(change) for change in changes])

    async def _write(self, change: Change) -> str:
        slug = await self._find_slug(change.row.workflow_id)
        shown = rows.change(change.row, slug, self._now_ms())
        change.text = event("change", change.entry_id, json.dumps(shown, separators=(",", ":")))
        return change.text


def newest_of_each(entries: Iterable[Entry], wanted: Wanted) -> list[Change]:
    """What a follower is told of entries with rows: of each run the newest."""
    found: dict[str, Change] = {}
    for entry in entries:
        row = load_summary(entry.row or "")
        if wanted.accepts(row):
            found.pop(row.id, None)
            found[row.id] = Change(entry.id, row)
    return list(found.values())
