"""The Redis of an instance: our own store, kept running, or those of others that the settings name."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial
from typing import Final

from orchestrator.app.data_dir import DataDir
from orchestrator.app.settings import Settings
from orchestrator.core.container.spec import Mount
from orchestrator.host import memory
from orchestrator.redis.preflight import as_containers_see
from orchestrator.redis.server import RedisServer, own_servers
from orchestrator.redis.watchdog import Watchdog

STOP_S: Final = 5.0
"""For what is to be written; whoever needs longer, or hangs, ends alone, and the next start waits for that."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where they are; `shared_channel` is None where containers have lines of their own to this process."""

    store_url: str
    shared_channel: SharedChannelServer | None
    watchdogs: tuple[Watchdog, ...]


@dataclass(frozen=True, slots=True)
class SharedChannelServer:
    """The channel's; `container_url` is how containers see it, and `mounts` what they need for that."""

    url: str
    container_url: str
    mounts: tuple[Mount, ...]


async def start_servers(
    settings: Settings, data_dir: DataDir, conditions: dict[str, str], stack: contextlib.AsyncExitStack
) -> Servers:
    """Start the store where the settings name none; `stack` stops it, and its watchdog tells `conditions` how it is.

    Raises RedisServerError.
    """
    watchdogs: list[Watchdog] = []

    async def start(server: RedisServer) -> str:
        await server.start()
        stack.push_async_callback(server.stop, STOP_S)
        watchdogs.append(Watchdog(server, partial(conditions.__setitem__, server.name)))
        return server.url

    store, channel_of_earlier_release = own_servers(
        data_dir.path,
        data_dir.secret(),
        fsync=settings.store_fsync,
        memory_bytes=settings.store_memory_bytes or memory.total_bytes() // 4,
    )
    store_url = settings.store_url or await start(store)
    if settings.channel_url is not None:
        container_url, mounts = as_containers_see(settings.channel_url)
        shared = SharedChannelServer(settings.channel_url, container_url, mounts)
        return Servers(store_url, shared, tuple(watchdogs))
    await channel_of_earlier_release.stop()
    return Servers(store_url, None, tuple(watchdogs))
