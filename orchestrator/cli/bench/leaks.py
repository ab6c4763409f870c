"""What an orchestrator has on its channel and in its store for runs that are over: nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from orchestrator.redis.client import Client
from orchestrator.store import keys

_SETS: Final = (keys.ACTIVE, keys.CASCADE)


async def audit(store: Client, lines: Path, living: Callable[[], Collection[str]]) -> dict[str, int]:
    """Lines to containers that are gone, and what the store has for unfinished runs.

    `lines` is the folder of the lines; `living` looks for the channel ids of the containers that are there, such as those that
    were started ahead.
    """
    names = _names(lines)
    known = living()  # after them: a container's line is made before the container
    return {"channel lines": len(set(names).difference(known)), "store keys": await _unfinished(store)}


def _names(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.is_dir() else []


async def _unfinished(store: Client) -> int:
    queued = int(await store.get(keys.QUEUE_LENGTH) or 0) + await store.zcard(keys.TIMERS)
    trees = [key async for key in store.scan_iter("orc:queue:tree*")]
    return int(queued + len(trees) + sum([await store.scard(key) for key in _SETS]))
