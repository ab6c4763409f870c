"""A Redis that the settings name is refused when it would let containers in, and its forgetfulness is warned of."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.core.container.spec import Mount
from orchestrator.redis.client import connect
from orchestrator.redis.preflight import as_containers_see, check_apart, check_channel, check_store
from orchestrator.redis.server import RedisServer, RedisServerError, channel_server


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("redis://admin:secret@172.17.0.1:6380", "redis://172.17.0.1:6380"),
        ("redis://:secret@redis.lan", "redis://redis.lan:6379"),
        ("redis://:secret@[fd00::1]:6380/0", "redis://[fd00::1]:6380"),
    ],
)
def test_containers_get_the_address_and_never_our_password(url: str, seen: str) -> None:
    assert as_containers_see(url) == (seen, ())


def test_a_socket_is_seen_through_its_directory() -> None:
    """A mounted socket file would die with its server."""
    url, mounts = as_containers_see("unix://:secret@/srv/channel/redis.sock")
    assert (url, mounts) == ("unix:///run/orchestrator/redis.sock", (Mount("/srv/channel", "/run/orchestrator"),))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis://localhost:6379", "inside a container is the container itself"),
        ("redis://127.0.0.1", "inside a container is the container itself"),
        ("redis://172.17.0.1/3", "database 0"),
        ("rediss://172.17.0.1", "must be redis://"),
        ("172.17.0.1:6379", "must be redis://"),
    ],
)
def test_what_containers_cannot_use_is_refused(url: str, reason: str) -> None:
    with pytest.raises(RedisServerError, match=reason):
        as_containers_see(url)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    made = channel_server(tmp_path / "c", "secret")
    await made.start()
    yield made
    await made.stop()


async def test_a_channel_with_a_password_is_accepted(server: RedisServer) -> None:
    await check_channel(server.url)


async def test_a_channel_open_to_anybody_is_refused(server: RedisServer) -> None:
    client = connect(server.url)
    await client.config_set("requirepass", "")
    with pytest.raises(RedisServerError, match="set requirepass"):
        await check_channel(f"unix://{server.socket}")
    await client.aclose()


async def test_one_server_for_both_is_refused(server: RedisServer) -> None:
    client, other = connect(server.url), connect(server.url)
    with pytest.raises(RedisServerError, match="use two servers"):
        await check_apart(client, other)
    await client.aclose()
    await other.aclose()


async def test_a_store_that_forgets_is_warned_of(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    client = connect(server.url)
    await client.config_set("maxmemory-policy", "allkeys-lru")
    with caplog.at_level(logging.WARNING):
        await check_store(server.url, client)
    await client.aclose()
    assert "append-only" in caplog.messages[0]
    assert "noeviction" in caplog.messages[1]
