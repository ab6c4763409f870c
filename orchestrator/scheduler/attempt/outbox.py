"""What an attempt's container is still to be told, as fast as it reads: whoever has news for it never waits for that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final

from orchestrator.channel.channel import Channel
from orchestrator.engine.base import EngineUnavailable
from orchestrator.host.retrying import persist
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.lease import LeaseLost

_RETRY_S: Final = 0.05
_LONGEST_RETRY_S: Final = 1.0

Tell = Callable[[], Awaitable[None]]


class Outbox:
    """Of one container. What is said under the same key waits once, however often it is asked for."""

    def __init__(self, channel: Channel, channel_id: str, on_error: Callable[[Exception], None]) -> None:
        """`on_error` is given what is no outage but a bug; nothing more is told then."""
        self._channel = channel
        self._on_error = on_error
        self._channel_id = channel_id
        self._waiting: dict[Hashable, Tell] = {}
        self._is_any = asyncio.Event()

    def put(self, key: Hashable, tell: Tell) -> None:
        """Call `tell` when there is room; it finds out what to say then, so that nothing large waits here."""
        self._waiting.setdefault(key, tell)
        self._is_any.set()

    async def run(self) -> None:
        """Tell for ever, in order."""
        try:
            await self._tell_all()
        except LeaseLost:
            raise
        except Exception as error:
            self._on_error(error)

    async def _tell_all(self) -> None:
        while True:
            await self._is_any.wait()
            await self._channel.room(self._channel_id)
            key = next(iter(self._waiting))
            tell = self._waiting.pop(key)
            if not self._waiting:
                self._is_any.clear()
            await persist(
                tell, despite=(EngineUnavailable, *UNAVAILABLE), wait_s=_RETRY_S, longest_wait_s=_LONGEST_RETRY_S
            )
