"""What somebody else's Redis must be before runs are trusted to it; our own ones are all of this by their configuration."""

from __future__ import annotations

import ipaddress
import logging
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from redis.exceptions import ResponseError

from orchestrator.core.container.spec import Mount
from orchestrator.redis.client import UNAVAILABLE, Client, connect
from orchestrator.redis.server import RedisServerError
from orchestrator_runtime import wire

log = logging.getLogger(__name__)

_PORT: Final = 6379


def as_containers_see(channel_url: str) -> tuple[str, tuple[Mount, ...]]:
    """The channel's address inside containers, without our credentials, and what must be mounted for it.

    Raises RedisServerError when containers could not reach it.
    """
    parts = _parsed(channel_url, "--channel-url")
    if parts.scheme == "unix":
        path = Path(parts.path)
        return f"unix://{wire.CHANNEL_DIR}/{path.name}", (Mount(str(path.parent), wire.CHANNEL_DIR),)
    if is_loopback(parts):
        raise RedisServerError(
            f"--channel-url names {parts.hostname}, which inside a container is the container itself: let that Redis listen "
            "on an address of this host that containers reach, such as that of Docker's bridge (172.17.0.1), and name it"
        )
    if parts.path not in ("", "/", "/0"):
        raise RedisServerError(f"--channel-url names database {parts.path[1:]}: containers only use database 0")
    return f"redis://{_address(parts)}", ()


def _parsed(url: str, option: str) -> SplitResult:
    parts = urlsplit(url)
    if (parts.scheme == "unix" and parts.path) or (parts.scheme == "redis" and parts.hostname):
        return parts
    raise RedisServerError(f"{option} must be redis://[user:password@]host:port or unix://[:password@]/path")


def _address(parts: SplitResult) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or _PORT}"


def is_loopback(parts: SplitResult) -> bool:
    """Whether only this host can mean the address."""
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


async def check_channel(url: str) -> None:
    """Raises RedisServerError when containers could do more there than talk to us."""
    await _refuse_open_doors(_parsed(url, "--channel-url"), "the channel's")


async def check_store(url: str, client: Client) -> None:
    """Raises RedisServerError when containers could reach into it; warns when it may forget."""
    parts = _parsed(url, "--store-url")
    if parts.scheme == "redis" and not is_loopback(parts):
        await _refuse_open_doors(parts, "the store's")
    try:
        found = await client.config_get("appendonly", "maxmemory-policy")
    except ResponseError as error:
        log.warning("the store's Redis does not show its configuration (%s): make sure that it keeps its data", error)
        return
    if found.get("appendonly") == "no":
        log.warning("the store's Redis keeps no append-only file: what it holds may be lost when it restarts")
    if found.get("maxmemory-policy") != "noeviction":
        log.warning(
            "the store's Redis may evict keys when its memory is full (maxmemory-policy %s), and runs with them: "
            "set it to noeviction",
            found.get("maxmemory-policy"),
        )


async def check_apart(store: Client, channel: Client) -> None:
    """Raises RedisServerError when they are one server: a container could fill it, and the store with it."""
    if (await store.info("server"))["run_id"] == (await channel.info("server"))["run_id"]:
        raise RedisServerError(
            "--store-url and --channel-url name the same Redis, which any container could fill: use two servers"
        )


async def _refuse_open_doors(parts: SplitResult, whose: str) -> None:
    """Raises RedisServerError when the server answers without a password: containers could use it, too."""
    stranger = connect(f"unix://{parts.path}" if parts.scheme == "unix" else f"redis://{_address(parts)}", retries=0)
    try:
        await stranger.ping()
    except (*UNAVAILABLE, ResponseError):
        return
    finally:
        await stranger.aclose()
    raise RedisServerError(
        f"{whose} Redis serves anybody without a password, containers included: set requirepass, and name the "
        "password in the URL"
    )
