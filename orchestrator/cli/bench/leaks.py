"""What an orchestrator has in its two Redis for runs that are over: nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from orchestrator.channel.access import USER_PREFIX
from orchestrator.redis.client import Client
from orchestrator.store import keys

_SETS: Final = (keys.ACTIVE, keys.CASCADE)


async def audit(store: Client, channel: Client, living: Callable[[], Collection[str]]) -> dict[str, int]:
    """Users and keys of the channel that belong to no living container, and what the store has for unfinished runs.

    `living` looks for the channel ids of the containers that are there, such as those that were started ahead.
    """
    users, names = await _users(channel), await channel.keys("chan:*:*")
    known = living()  # after them: a container's user is made before the container
    return {
        "channel users": len(_strangers(users, known)),
        "channel keys": len(_strangers(names, known)),
        "store keys": await _unfinished(store),
    }


async def _users(channel: Client) -> list[str]:
    return [name for name in await channel.execute_command("ACL", "USERS") if name.startswith(USER_PREFIX)]


def _strangers(names: Collection[str], living: Collection[str]) -> list[str]:
    return [name for name in names if not any(channel_id and channel_id in name for channel_id in living)]


async def _unfinished(store: Client) -> int:
    queued = int(await store.get(keys.QUEUE_LENGTH) or 0) + await store.zcard(keys.TIMERS)
    trees = [key async for key in store.scan_iter("orc:queue:tree*")]
    return int(queued + len(trees) + sum([await store.scard(key) for key in _SETS]))
