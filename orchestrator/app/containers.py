"""How an instance's containers are made, and how they are spoken with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.app.redis_servers import Servers
from orchestrator.app.settings import Settings
from orchestrator.channel.channel import Channel
from orchestrator.channel.lines.line_channel import LineChannel
from orchestrator.channel.shared import SharedChannel
from orchestrator.core.container.network import NONE, Service, read_places
from orchestrator.core.container.spec import ContainerDefaults
from orchestrator.engine.base import Engine, EngineInfo
from orchestrator.redis.client import Client
from orchestrator_runtime import wire


def channel_of(
    servers: Servers, client: Client | None, lines: Path, secret: bytes, report: Callable[[str], None]
) -> Channel:
    """A line for each container in the folder `lines`, or the Redis that others run for several orchestrators."""
    if servers.shared_channel is None:
        return LineChannel(lines, secret)
    return SharedChannel(client, secret, servers.shared_channel.container_url, report)


async def fenced_network(settings: Settings, engine: Engine, servers: Servers) -> str:
    """Make the network of runs, unless it is another's; why they may reach too much, or nothing. Raises EngineError."""
    if settings.network is None:
        await engine.prepare()
        return await engine.fence(read_places(settings.network_allow), _channel_service(servers))
    return "" if settings.network == NONE else f"ORCHESTRATOR_NETWORK={settings.network} is not the instance's own"


def _channel_service(servers: Servers) -> Service | None:
    """Where containers find the channel in the network, if that is where it is."""
    if servers.shared_channel is None:
        return None
    parts = urlsplit(servers.shared_channel.container_url)
    return Service(parts.hostname, parts.port or 6379) if parts.hostname else None


def container_defaults(
    settings: Settings, engine: Engine, info: EngineInfo, servers: Servers, lines: Path
) -> ContainerDefaults:
    """What all of them have in common."""
    shared_channel = servers.shared_channel
    return ContainerDefaults(
        network=settings.network or engine.network,
        channel_mounts=shared_channel.mounts if shared_channel else (),
        command=wire.SHIM_COMMAND,
        working_dir=wire.APP_DIR,
        runtime=settings.container_runtime,
        lines="" if shared_channel else str(lines),
        own_users=info.has_all_uids,
        keeps_lists=settings.network in (None, NONE),
    )
