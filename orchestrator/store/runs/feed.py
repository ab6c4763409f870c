"""The feed: one entry for every change of a run, for whoever waits for one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from orchestrator.core.runs.run import Run, Status
from orchestrator.host.retrying import persist
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE, Client

log = logging.getLogger(__name__)

_GATHER_S: Final = 0.002
"""Changes that follow each other faster than this are read together."""
_BLOCK_MS: Final = 5_000
_RECONNECT_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Change:
    """A run is now in `status`."""

    run_id: str
    status: Status
    parent_id: str | None


def payload(run: Run) -> str:
    """The entry for a run as it is now."""
    return json.dumps([run.id, run.status, run.parent_id])


def parse(text: str) -> Change:
    """The change in a feed entry."""
    run_id, status, parent_id = json.loads(text)
    return Change(run_id, Status(status), parent_id)


class Feed:
    """Reads the feed once for the whole process and tells every listener.

    A change may be missed while the store is away: after `reconnected` listeners must look at the truth again, which is
    why every listener also gets None then.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._listeners: set[Callable[[Change | None], None]] = set()
        self.is_connected = asyncio.Event()

    @property
    def listener_count(self) -> int:
        """How many listen at present."""
        return len(self._listeners)

    @contextlib.contextmanager
    def listen(self, listener: Callable[[Change | None], None]) -> Iterator[None]:
        """Call `listener` with every change from now on; it must not block."""
        self._listeners.add(listener)
        try:
            yield
        finally:
            self._listeners.discard(listener)

    async def newest_ms(self) -> int:
        """When the newest change was made, by the store's clock; 0 when there is none."""
        newest = await self._client.xrevrange(keys.FEED, count=1)
        return int(newest[0][0].partition("-")[0]) if newest else 0

    async def run(self) -> None:
        """Read for ever."""
        await persist(self._read, despite=UNAVAILABLE, wait_s=_RECONNECT_S, report=self._interrupted)

    def _interrupted(self, error: Exception) -> None:
        if self.is_connected.is_set():
            log.warning("feed interrupted: %s", error)
        self.is_connected.clear()

    async def _read(self) -> None:
        newest = await self._client.xrevrange(keys.FEED, count=1)
        position = newest[0][0] if newest else "0-0"
        self.is_connected.set()
        self._tell(None)
        while True:
            asked_s = time.monotonic()
            answer = await self._client.xread({keys.FEED: position}, count=500, block=_BLOCK_MS)
            entries = answer[0][1] if answer else []
            for _, fields in entries:
                self._tell(parse(fields["e"]))
            position = entries[-1][0] if entries else position
            if time.monotonic() - asked_s < _GATHER_S:
                await asyncio.sleep(_GATHER_S)

    def _tell(self, change: Change | None) -> None:
        for listener in tuple(self._listeners):
            listener(change)
