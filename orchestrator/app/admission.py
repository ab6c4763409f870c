"""Whether new work is taken: only while disk and memory have room beyond what accepted runs need to finish."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from orchestrator.api.admission import Admission
from orchestrator.core.plans import format_bytes
from orchestrator.host.disks import free_bytes
from orchestrator.redis.client import UNAVAILABLE, Client

log = logging.getLogger(__name__)

_LOOK_S: Final = 2.0
_SILENCE_S: Final = 3.0
_PARTS: Final = 10
_MEMORY_FOR_NEW_WORK: Final = 0.9
"""Of the store's memory; the rest is for the outcomes of what was accepted."""


class AdmissionWatch:
    """Keeps `admission` up to date."""

    def __init__(self, store: Client, data_dir: Path, engine_disk: Path | None, reserve_bytes: int) -> None:
        """`reserve_bytes` must stay free on the disk of the data directory, and for deploys on the engine's, too."""
        self.admission = Admission()
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
        admission, was = self.admission, self.admission.no_runs
        admission.no_runs = self._lack_of_disk(self._data_dir) or await self._lack_of_memory()
        admission.no_deploys = admission.no_runs or self._lack_of_disk(self._engine_disk)
        if admission.no_runs != was:
            log.warning(
                "%s", f"new runs are refused: {admission.no_runs}" if admission.no_runs else "there is room again"
            )

    def _lack_of_disk(self, path: Path | None) -> str:
        try:
            is_full = path is not None and free_bytes(path) < self._reserve_bytes
        except OSError:
            return ""
        if not is_full:
            return ""
        return f"the disk of {path} is nearly full: free more than {format_bytes(self._reserve_bytes)} there"

    async def _memory(self) -> Mapping[str, Any]:
        """What the store says about its memory, however long it takes to answer."""
        asking = asyncio.ensure_future(self._store.info("memory"))
        try:
            if not await ends_within(asking, _SILENCE_S):
                self.admission.fall_silent(
                    f"the store has not answered for {_SILENCE_S:g} s: is its Redis stopped, or swapping?"
                )
            memory: Mapping[str, Any] = await asking
            return memory
        finally:
            asking.cancel()
            self.admission.no_answers = ""

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


async def ends_within(asking: asyncio.Future[Any], seconds: float) -> bool:
    """Time in which we ourselves had no time to hear the answer counts for little: others' requests keep us busy then."""
    for _ in range(_PARTS):
        if (await asyncio.wait([asking], timeout=seconds / _PARTS))[0]:
            return True
    return False
