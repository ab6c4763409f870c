"""Requests that stay open begin a few at a time: however many come at once, most of the event loop's time is left to others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable
from typing import Final

AT_ONCE: Final = 5
INTERVAL_S: Final = 0.025
"""From the end of one turn to the next: 200 begin in a second, each in some milliseconds."""


class Turns:
    """Each kind of those who wait has its turn, so that a thousand of one kind keep no other waiting."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        self._begun = 0
        self._next: asyncio.TimerHandle | None = None

    async def wait(self, kind: Hashable) -> None:
        """Return when one of this kind may begin."""
        if self._next is None:
            self._again()
        if self._begun < AT_ONCE and not self._waiting:
            self._begun += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(kind, deque()).append(turn)
        await turn

    def _again(self) -> None:
        self._begun = 0
        self._next = asyncio.get_running_loop().call_later(INTERVAL_S, self.let_some_begin)

    def let_some_begin(self) -> None:
        """A turn: it comes by itself."""
        self._next = None
        if not self._waiting and not self._begun:
            return
        self._again()
        while self._waiting and self._begun < AT_ONCE:
            kind = next(iter(self._waiting))
            alike = self._waiting.pop(kind)
            turn = alike.popleft()
            if alike:
                self._waiting[kind] = alike  # behind the other kinds
            if not turn.done():
                turn.set_result(None)
                self._begun += 1
