"""Whether there is room for new work; what exists is kept, and needs some to be finished."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from orchestrator.core.plans import format_bytes
from orchestrator.redis.client import UNAVAILABLE, Client

log = logging.getLogger(__name__)

_LOOK_S: Final = 2.0
_SILENCE_S: Final = 3.0
_MEMORY_FOR_NEW_WORK: Final = 0.9
"""Of the store's memory; the rest is for the outcomes of what was accepted."""


@dataclass(slots=True)
class Room:
    """Why requests cannot be served, or no new runs or deploys taken, in words: empty while they are."""

    no_answers: str = ""
    no_runs: str = ""
    no_deploys: str = ""
    waiting: set[asyncio.Timeout] = field(default_factory=set)
    """Of the requests that have no answer yet."""

    def fall_silent(self, why: str) -> None:
        """Nobody waits for a store that does not answer."""
        self.no_answers = why
        for limit in self.waiting:
            limit.reschedule(asyncio.get_running_loop().time())


class RoomWatch:
    """Keeps `room` up to date."""

    def __init__(self, store: Client, data_dir: Path, engine_disk: Path | None, reserve_bytes: int) -> None:
        """`reserve_bytes` must stay free on the disk of the data directory, and for deploys on the engine's, too."""
        self.room = Room()
        self._store = store
        self._data_dir = data_dir
        self._engine_disk = engine_disk
        self._reserve_bytes = reserve_bytes

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Look once."""
        room, was = self.room, self.room.no_runs
        room.no_runs = self._lack_of_disk(self._data_dir) or await self._lack_of_memory()
        room.no_deploys = room.no_runs or self._lack_of_disk(self._engine_disk)
        if room.no_runs != was:
            log.warning("%s", f"new runs are refused: {room.no_runs}" if room.no_runs else "there is room again")

    def _lack_of_disk(self, path: Path | None) -> str:
        try:
            free_bytes = shutil.disk_usage(path).free if path else self._reserve_bytes
        except OSError:
            return ""
        if free_bytes >= self._reserve_bytes:
            return ""
        return f"the disk of {path} is nearly full: free more than {format_bytes(self._reserve_bytes)} there"

    async def _memory(self) -> Mapping[str, Any]:
        """What the store says about its memory, however long it takes to answer."""
        asking = asyncio.ensure_future(self._store.info("memory"))
        try:
            if not (await asyncio.wait([asking], timeout=_SILENCE_S))[0]:
                self.room.fall_silent(
                    f"the store has not answered for {_SILENCE_S:g} s: is its Redis stopped, or swapping?"
                )
            memory: Mapping[str, Any] = await asking
            return memory
        finally:
            asking.cancel()
            self.room.no_answers = ""

    async def _lack_of_memory(self) -> str:
        try:
            memory = await self._memory()
        except UNAVAILABLE:
            return ""
        limit_bytes = int(memory["maxmemory"])
        if not limit_bytes or int(memory["used_memory"]) < limit_bytes * _MEMORY_FOR_NEW_WORK:
            return ""
        return (
            f"the store's memory of {format_bytes(limit_bytes)} is nearly full: let finished runs go, or give it more "
            "(ORCHESTRATOR_STORE_MEMORY_BYTES)"
        )
