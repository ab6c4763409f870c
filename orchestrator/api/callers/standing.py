"""Requests under way, by what they were let in with: those of a key or session that is no longer good are ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

from orchestrator.store.connection import UNAVAILABLE

INTERVAL_S: Final = 1.0
"""From one look to the next, while anything is under way: each key is looked up once, however many requests have it."""


class Fallen(Exception):  # noqa: N818
    """What the request was let in with is no longer good."""


class Standing:
    """Of one process; others that share its store look for themselves."""

    def __init__(self, is_good: Callable[[str], Awaitable[bool]]) -> None:
        """`is_good` says whether what a request was let in with still lets it in."""
        self._is_good = is_good
        self._under_way: dict[str, set[asyncio.Timeout]] = {}
        self._next: asyncio.TimerHandle | None = None
        self._look: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def request(self, credential: str) -> AsyncIterator[None]:
        """One, for as long as it is open; without a credential it stays. Raises Fallen."""
        if not credential:
            yield
            return
        try:
            async with asyncio.timeout(None) as limit:
                with self._noted(credential, limit):
                    yield
        except TimeoutError:
            if limit.expired():
                raise Fallen from None
            raise

    @contextlib.contextmanager
    def _noted(self, credential: str, limit: asyncio.Timeout) -> Iterator[None]:
        alike = self._under_way.setdefault(credential, set())
        alike.add(limit)
        self._look_later()
        try:
            yield
        finally:
            alike.discard(limit)
            if not alike and self._under_way.get(credential) is alike:
                del self._under_way[credential]

    def _look_later(self) -> None:
        if self._next is None:
            self._next = asyncio.get_running_loop().call_later(INTERVAL_S, self._begin)

    def _begin(self) -> None:
        self._next = None
        if self._under_way:
            self._look = asyncio.get_running_loop().create_task(self._end_what_fell(), name="keys of open requests")

    async def _end_what_fell(self) -> None:
        for credential in list(self._under_way):
            with contextlib.suppress(*UNAVAILABLE):
                if not await self._is_good(credential):
                    self._end(credential)
        if self._under_way:
            self._look_later()

    def _end(self, credential: str) -> None:
        for limit in self._under_way.pop(credential, ()):
            limit.reschedule(asyncio.get_running_loop().time())
