"""The two Redis of an instance: our own, kept running, or others' that the settings name."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial

from orchestrator.app.data_dir import DataDir
from orchestrator.app.settings import Settings
from orchestrator.core.container.spec import Mount
from orchestrator.host import memory
from orchestrator.redis.preflight import as_containers_see
from orchestrator.redis.server import RedisServer, own_servers
from orchestrator.redis.watchdog import Watchdog
from orchestrator_runtime import wire


@dataclass(frozen=True, slots=True)
class Servers:
    """Where they are; `container_url` is the channel as containers see it, and `mounts` what they need for that."""

    store_url: str
    channel_url: str
    container_url: str
    mounts: tuple[Mount, ...]
    watchdogs: tuple[Watchdog, ...]


async def start_servers(
    settings: Settings, data_dir: DataDir, conditions: dict[str, str], stack: contextlib.AsyncExitStack
) -> Servers:
    """Start those that the settings do not name; `stack` stops them, and their watchdogs tell `conditions` how they are.

    Raises RedisServerError.
    """
    watchdogs: list[Watchdog] = []

    async def start(server: RedisServer) -> str:
        await server.start()
        stack.push_async_callback(server.stop)
        watchdogs.append(Watchdog(server, partial(conditions.__setitem__, server.name)))
        return server.url

    store, channel = own_servers(
        data_dir.path,
        data_dir.secret(),
        fsync=settings.store_fsync,
        memory_bytes=settings.store_memory_bytes or memory.total_bytes() // 4,
    )
    store_url = settings.store_url or await start(store)
    if settings.channel_url is not None:
        container_url, mounts = as_containers_see(settings.channel_url)
        return Servers(store_url, settings.channel_url, container_url, mounts, tuple(watchdogs))
    mount = Mount(str(channel.socket.parent), wire.CHANNEL_DIR)
    channel_url = await start(channel)
    return Servers(store_url, channel_url, f"unix://{wire.CHANNEL_SOCKET}", (mount,), tuple(watchdogs))
