"""What happens to attempts, each in an inbox of its own, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from orchestrator.channel.channel import Received
from orchestrator.core.container.spec import ContainerState
from orchestrator.store.runs.feed import Change


@dataclass(frozen=True, slots=True)
class Exited:
    """The container ended; `state` is None when it is gone."""

    state: ContainerState | None


@dataclass(frozen=True, slots=True)
class TimeIsUp:
    """A deadline passed."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that is done beside the inbox failed by an error of ours."""

    error: Exception


Item = Received | Change | None | Exited | TimeIsUp | Broken
"""None means that changes may have been missed."""


class Inbox:
    """Of one attempt of the run `run_id`."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self._items: asyncio.Queue[Item] = asyncio.Queue()
        self._place_for_a_frame = asyncio.Semaphore(1)
        self._is_pressing = asyncio.Event()

    def put(self, item: Item) -> None:
        """Add what happened."""
        if isinstance(item, Exited) or (isinstance(item, Change) and item.run_id == self.run_id):
            self._is_pressing.set()
        self._items.put_nowait(item)

    async def pressing(self, within_s: float) -> bool:
        """Whether something came, within the time, that whatever else is being waited for must not put off."""
        try:
            async with asyncio.timeout(within_s):
                await self._is_pressing.wait()
        except TimeoutError:
            return False
        return True

    async def forward(self, frames: asyncio.Queue[Received]) -> None:
        """Add frames for ever, each when the one before was `handled`: however much a container says, news need not queue up."""
        while True:
            await self._place_for_a_frame.acquire()
            self.put(await frames.get())

    async def next(self, within_s: float | None) -> Item:
        """What happened next, TimeIsUp when nothing does within the time; None waits for ever."""
        if within_s is not None and within_s <= 0:
            return TimeIsUp()  # whatever else there is: a container that never stops talking must not put it off
        try:
            async with asyncio.timeout(within_s):
                item = await self._items.get()
                if self._items.empty():
                    self._is_pressing.clear()
                return item
        except TimeoutError:
            return TimeIsUp()

    def handled(self, item: Item) -> None:
        """The item's consequences are stored."""
        if isinstance(item, Received):
            self._place_for_a_frame.release()

    def last_frames(self, frames: asyncio.Queue[Received]) -> Iterator[Received]:
        """Those that wait in the inbox, then those on their way there."""
        for queue in (self._items, frames):
            while not queue.empty():
                item = queue.get_nowait()
                if isinstance(item, Received):
                    yield item


class Inboxes:
    """The open inboxes; each change is put into those it concerns: of the run itself, and of the run that asked for it."""

    def __init__(self) -> None:
        self._of_run: dict[str, list[Inbox]] = {}

    @contextmanager
    def open(self, run_id: str) -> Iterator[Inbox]:
        """An inbox that takes the run's changes while the context lasts."""
        inbox = Inbox(run_id)
        self._of_run.setdefault(run_id, []).append(inbox)
        try:
            yield inbox
        finally:
            self._of_run[run_id].remove(inbox)
            if not self._of_run[run_id]:
                del self._of_run[run_id]

    def notice(self, change: Change | None) -> None:
        """Listen to the feed."""
        if change is None:
            concerned = [inbox for inboxes in self._of_run.values() for inbox in inboxes]
        else:
            concerned = [
                inbox for run_id in (change.run_id, change.parent_id) for inbox in self._of_run.get(run_id or "", ())
            ]
        for inbox in concerned:
            inbox.put(change)
