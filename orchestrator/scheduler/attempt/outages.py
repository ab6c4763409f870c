"""Outages of store, channel and engine: what is asked of them is tried until they are back, unless something is more pressing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from orchestrator.engine.base import EngineUnavailable
from orchestrator.host.retrying import persist
from orchestrator.scheduler.attempt.inbox import Inbox, Item
from orchestrator.store.connection import UNAVAILABLE

_RETRIED: Final = (EngineUnavailable, *UNAVAILABLE)
_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 1.0


class Overtaken(Exception):  # noqa: N818
    """What is being tried must wait: a deadline has passed, or the run was changed."""


class Outages:
    """What they mean to one attempt's supervisor."""

    def __init__(self, inbox: Inbox, is_late: Callable[[Item], bool]) -> None:
        """`is_late` says whether a deadline has passed that the item is not about."""
        self._inbox = inbox
        self._is_late = is_late
        self._handled: Item = None
        self._may_be_overtaken = False

    async def handle(self, item: Item, action: Callable[[], Awaitable[object]]) -> None:
        """Handle the item by the action, and all that it does through `outlast`. Raises Overtaken."""
        self._handled, self._may_be_overtaken = item, True
        try:
            await self.outlast(action)
        finally:
            self._may_be_overtaken = False

    async def outlast(self, action: Callable[[], Awaitable[object]]) -> None:
        """Do it, however long store, channel or engine are away. Raises Overtaken while an item is handled."""
        await persist(action, despite=_RETRIED, wait_s=_FIRST_WAIT_S, longest_wait_s=_LONGEST_WAIT_S, sleep=self._pause)

    async def _pause(self, wait_s: float) -> None:
        if not self._may_be_overtaken:
            await asyncio.sleep(wait_s)
        elif await self._inbox.pressing(wait_s) or self._is_late(self._handled):
            raise Overtaken
