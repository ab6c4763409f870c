"""The logs of trees that somebody follows: each tree is read once for all of them, where the tail of its logs is.

A follower reads the store itself until it has all there is. From then on it is given what the others are given, shown once; only
who fell behind, or joined in between, reads the store again. One of those who wait reads for all, whichever comes first.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import Depends, Request

from orchestrator.api.deps import Services
from orchestrator.api.logs.sources import FOLLOW_GRACE_MS, LOOK_S, RECONNECT_S
from orchestrator.api.logs.tail import Follower
from orchestrator.api.logs.tree import START, Moment, Part, TreeLine, TreeLog
from orchestrator.core.runs.run import Run
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.runs.feed import Change

_KEPT: Final = 8
_PAGE_LINES: Final = 500
_LOOK_AGAIN_S: Final = 0.5
"""Between two looks at a tree that changes all the time."""
_LOOK_ENDED_S: Final = 1.0
"""Between two looks where the end of an attempt's log is waited for, which nobody tells."""


@dataclass(frozen=True, slots=True)
class Lines:
    """What comes next, in order; `before` is the newest that was told before, `shown` what somebody made of it already."""

    found: Sequence[TreeLine]
    before: Moment
    shown: dict[object, str] = field(default_factory=dict, compare=False)
    first: dict[str, TreeLine] = field(default_factory=dict, compare=False)
    last: dict[str, TreeLine] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, found: Sequence[TreeLine], before: Moment) -> Lines:
        """With the first and the last line of each attempt."""
        lines = cls(found, before)
        for one in found:
            lines.first.setdefault(one.part.key, one)
            lines.last[one.part.key] = one
        return lines


class TreeTail:
    """All trees that are followed in this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._followed: dict[str, _Followed] = {}

    def log(self, run: Run, after: Moment) -> TreeLog:
        """The log of a tree as it is stored, after a moment."""
        services = self._services
        return TreeLog(services.trees, services.logs, run, after, services.now_ms)

    async def follow(self, run: Run, after: Moment) -> AsyncGenerator[Lines, None]:
        """Lines as they are printed, none now and then; ends where the log does."""
        own = self.log(run, after)
        async for lines in _stored(own):
            yield lines
        with self._joined(run) as followed:
            while not own.is_over(FOLLOW_GRACE_MS):
                given = _Given(followed, own)
                async for lines in _stored(own):
                    yield lines
                async for lines in given.lines():
                    yield lines

    @contextlib.contextmanager
    def _joined(self, run: Run) -> Iterator[_Followed]:
        """The tree with one more who follows it; the last to leave ends its reading."""
        if (followed := self._followed.get(run.id)) is None:
            since_ms = self._services.now_ms()
            log = TreeLog(self._services.trees, self._services.logs, run, START, self._services.now_ms, since_ms)
            followed = self._followed[run.id] = _Followed(self._services, run.id, log)
        followed.count += 1
        try:
            yield followed
        finally:
            followed.count -= 1
            if not followed.count:
                followed.close()
                del self._followed[run.id]


async def _stored(log: TreeLog) -> AsyncIterator[Lines]:
    """What there is by now."""
    while True:
        before = log.newest
        try:
            found = await log.next(_PAGE_LINES)
        except UNAVAILABLE:
            await asyncio.sleep(RECONNECT_S)
            yield Lines((), before)
            continue
        if not found:
            return
        yield Lines(found, before)


class _Followed:
    """One tree: the newest that was read of it, in parts of which each is told to all."""

    def __init__(self, services: Services, run_id: str, log: TreeLog) -> None:
        self._services = services
        self._log = log
        self._members = {run_id}
        self._readers: dict[str, Follower] = {}
        self._news = asyncio.Event()
        self._is_changed = True
        self._looked_s = 0.0
        self._held: list[TreeLine] = []
        self._told: deque[Lines] = deque(maxlen=_KEPT)
        self._turn = asyncio.Lock()
        self._opened = contextlib.ExitStack()
        self._opened.enter_context(services.feed.listen(self._notice))
        self.count = 0
        self.told_count = 0
        self.is_over = False

    def close(self) -> None:
        """Nobody follows it any more."""
        self._opened.close()
        for reader in self._readers.values():
            reader.leave()

    def after(self, number: int) -> list[Lines] | None:
        """What was told after the first so many; None when that is no longer here."""
        missing = self.told_count - number
        return None if missing > len(self._told) else list(self._told)[len(self._told) - missing :]

    async def more(self, number: int) -> None:
        """Return when more than the first so many were told, or after a while; whoever waits may be made to read for all."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S), self._turn:
                if self.told_count == number and not self.is_over:
                    await self._step()

    async def _step(self) -> None:
        self._news.clear()
        try:
            await self._look()
            lines = await self._read()
        except UNAVAILABLE:
            await asyncio.sleep(RECONNECT_S)
            return
        if lines:
            self._tell(lines)
        elif self._log.is_over(FOLLOW_GRACE_MS):
            self.is_over = True
        else:
            await self._wait()

    def _notice(self, change: Change | None) -> None:
        """Listen to the feed: a child is told of after its parent."""
        if change is None or not self._members.isdisjoint((change.run_id, change.parent_id)):
            self._members |= {change.run_id} if change else set()
            self._is_changed = True
            self._news.set()

    async def _look(self) -> None:
        now_s = time.monotonic()
        if now_s - self._looked_s < (_LOOK_AGAIN_S if self._is_changed else LOOK_S):
            return
        self._is_changed = False
        try:
            self._members.update(await self._log.look())
        except BaseException:
            self._is_changed = True
            raise
        self._looked_s = now_s
        awaited = {part.key for part in self._log.awaited(FOLLOW_GRACE_MS)}
        for key in self._readers.keys() - awaited:
            self._readers.pop(key).leave()

    async def _wait(self) -> None:
        """Until something is printed or changes; a tree that has just been looked at is not looked at again at once."""
        has_ended = any(part.ended_ms is not None for part in self._log.awaited(FOLLOW_GRACE_MS))
        wait_s = _LOOK_AGAIN_S if self._is_changed else _LOOK_ENDED_S if has_ended else LOOK_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, wait_s - (time.monotonic() - self._looked_s) * self._is_changed)):
                await self._news.wait()

    async def _read(self) -> list[TreeLine]:
        """A page of each attempt; lines wait for those of attempts that have older ones to be read yet."""
        bounds = {line.part.key: line.moment for line in self._held}
        for part in list(self._log.awaited(FOLLOW_GRACE_MS)):
            if part.key not in bounds and (lines := await self._page(part)):
                self._held += lines
                if not part.is_done and self._readers[part.key].has_more(part.cursor):
                    bounds[part.key] = lines[-1].moment
        self._held.sort(key=_moment)
        bound = min(bounds.values(), default=None)
        told = [line for line in self._held if bound is None or line.moment <= bound]
        self._held = self._held[len(told) :]
        return told

    async def _page(self, part: Part) -> list[TreeLine]:
        if part.key not in self._readers:
            services = self._services
            self._readers[part.key] = Follower(services.tail, services.logs, hears=False, news=self._news)
        page = await self._readers[part.key].read(part.key, part.cursor, _PAGE_LINES)
        lines = part.lines(page, START)
        if lines:
            part.told(lines[-1].moment, lines[-1].cursor)
        return lines

    def _tell(self, found: list[TreeLine]) -> None:
        self._told.append(Lines.of(found, self._log.newest))
        self._log.newest = max(self._log.newest, found[-1].moment)
        self.told_count += 1


class _Given:
    """What one follower is given of a tree from now on; `own` knows what it has been told."""

    def __init__(self, followed: _Followed, own: TreeLog) -> None:
        self._followed = followed
        self._own = own
        self._number = followed.told_count

    async def lines(self) -> AsyncIterator[Lines]:
        """What it has not been told, until the log is over or it fell behind."""
        while (parts := self._followed.after(self._number)) is not None:
            for part in parts:
                self._number += 1
                yield self._unknown(part)
            if parts:
                continue
            if self._followed.is_over:
                return
            await self._followed.more(self._number)
            yield Lines((), self._own.newest)

    def _unknown(self, lines: Lines) -> Lines:
        """The same for all, but for those who had read some of it, or of what is newer, themselves."""
        is_newest = max(lines.before, lines.found[0].moment) >= self._own.newest
        if not is_newest or any(map(self._own.knows, lines.first.values())):
            found = [line for line in lines.found if not self._own.knows(line)]
            lines = Lines(found, self._own.newest, last={line.part.key: line for line in found})
        self._own.note(lines.last.values())
        return lines


def _moment(line: TreeLine) -> Moment:
    return line.moment


async def _of(request: Request) -> TreeTail:
    tail: TreeTail = request.app.state.tree_tail
    return tail


TreeTailDep = Annotated[TreeTail, Depends(_of)]
"""A route's parameter that receives the trees that are followed."""
