"""What is new in the logs that somebody follows: read once for all of them, by one connection, and given to each.

A follower reads the store itself until it has all there is. From then on it is given what the others are given, understood once
and shown once; only who fell behind, or joined in between, reads the store again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterator
from typing import Final

from orchestrator.host.retrying import persist
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.logs import Cursor, LogStore, Page
from orchestrator.store.runs.feed import Change, Feed, order

log = logging.getLogger(__name__)

_BLOCK_MS: Final = 250
"""A log that is new to us is looked at after so long at the latest."""
_GATHER_S: Final = 0.02
"""What comes in between is read together."""
_KEPT: Final = 8
_RECONNECT_S: Final = 0.5
_BEHIND: Final = -1
"""Of a follower who has not seen what others were given."""


class _Log:
    """One log: the newest that was read of it, each part with the entry it comes after."""

    def __init__(self, position: str) -> None:
        self.position = position
        self.count = 0
        self.followers: set[Follower] = set()
        self._parts: deque[tuple[str, str, Page]] = deque(maxlen=_KEPT)

    def add(self, entry: str, page: Page) -> None:
        """Keep what was read, and tell everybody."""
        self._parts.append((self.position, entry, page))
        self.position = entry
        self.count += 1
        for follower in self.followers:
            follower.wake()

    def after(self, entry: str) -> Page | None:
        """What comes next, if that is here."""
        at = order(entry)
        return next((page for before, last, page in self._parts if order(before) <= at < order(last)), None)


class Tail:
    """All that is followed in this process."""

    def __init__(self, logs: LogStore, feed: Feed) -> None:
        self._logs = logs
        self._feed = feed
        self._followed: dict[str, _Log] = {}
        self._is_wanted = asyncio.Event()

    async def run(self) -> None:
        """Read for ever."""
        await persist(self._read, despite=UNAVAILABLE, wait_s=_RECONNECT_S, report=self._interrupted)

    @contextlib.contextmanager
    def follow(self, run_id: str = "") -> Iterator[Follower]:
        """One who follows the logs of a run, and hears when it changes; or another log."""
        follower = Follower(self, self._logs, hears=bool(run_id))
        with self._feed.listen(follower.notice, [run_id]):
            try:
                yield follower
            finally:
                follower.leave()

    def join(self, key: str, follower: Follower, position: str) -> _Log:
        """The log, with one more who follows it; whoever is the first has read up to `position`."""
        found = self._followed.setdefault(key, _Log(position))
        found.followers.add(follower)
        self._is_wanted.set()
        return found

    def leave(self, key: str, follower: Follower) -> None:
        """It follows that log no more."""
        self._followed[key].followers.discard(follower)
        if not self._followed[key].followers:
            del self._followed[key]
        if not self._followed:
            self._is_wanted.clear()

    def _interrupted(self, error: Exception) -> None:
        log.warning("following logs was interrupted: %s", error)

    async def _read(self) -> None:
        while True:
            await self._is_wanted.wait()
            positions = {key: one.position for key, one in self._followed.items()}
            if not positions:  # who wanted it has left before it was this task's turn
                continue
            for key, entry, page in await self._logs.newer(positions, wait_ms=_BLOCK_MS):
                if found := self._followed.get(key):
                    found.add(entry, page)
            await asyncio.sleep(_GATHER_S)


class Follower:
    """One who follows one log after another."""

    def __init__(self, tail: Tail, logs: LogStore, *, hears: bool, news: asyncio.Event | None = None) -> None:
        """`hears`: it is told of all changes of what it follows; `news` is set when there are some, for several at once."""
        self.hears = hears
        self._tail = tail
        self._logs = logs
        self._key = ""
        self._log: _Log | None = None
        self._seen = 0
        self._news = news or asyncio.Event()
        self.was_woken = False
        """Whether the last wait ended before its time."""
        self.has_changed = False
        """Whether the run may have changed since this was set to False."""

    def notice(self, change: Change | None) -> None:
        """Listen to the feed."""
        self.has_changed = True
        self.wake()

    def wake(self) -> None:
        """There is something to read."""
        self._news.set()

    async def read(self, key: str, after: Cursor, limit: int) -> Page:
        """What is there after the cursor, at most `limit` lines where they are read from the store."""
        if self._key != key:
            self.leave()
            self._key = key
        if self._log is not None:
            self._seen = self._log.count
            if page := self._log.after(after.entry):
                return page
            if order(self._log.position) <= order(after.entry):
                return Page([], False)
            self.leave()  # it fell behind
        page = await self._logs.read(key, after, limit=limit)
        if len(page.lines) < limit and not page.is_end:
            self._join(page.lines[-1][0].entry if page.lines else after.entry)
        return page

    def has_more(self, after: Cursor) -> bool:
        """Whether there is more than was read, as far as is known."""
        return self._log is None or order(self._log.position) > order(after.entry)

    async def wait(self, timeout_s: float) -> None:
        """Until there is more than was read, or the run has changed, or for so long."""
        self._news.clear()
        self.was_woken = self.has_changed or (self._log is not None and self._log.count != self._seen)
        if self.was_woken:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                self.was_woken = await self._news.wait()

    def leave(self) -> None:
        """Follow no log any more."""
        if self._log is not None:
            self._tail.leave(self._key, self)
            self._log = None

    def _join(self, position: str) -> None:
        """Be given what comes after this entry."""
        self._log = self._tail.join(self._key, self, position)
        self._seen = self._log.count if self._log.position == position else _BEHIND
