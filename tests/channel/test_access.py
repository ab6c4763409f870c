"""What a container's credentials can do on the channel: read one stream, append to one other, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ConnectionError, NoPermissionError

from orchestrator.channel.shared import SharedChannel
from orchestrator_runtime import wire

MINE, OTHER = "a" * 32, "b" * 32


@pytest.fixture
async def channel(channel_client: Any, redis_servers: tuple[str, str]) -> AsyncIterator[SharedChannel]:
    channel = SharedChannel(channel_client, b"secret", redis_servers[1])
    yield channel
    await channel.close(MINE)
    await channel.close(OTHER)
    await channel_client.delete("chan:wake")


@pytest.fixture
async def environment(channel: SharedChannel) -> Mapping[str, str]:
    await channel.open(OTHER)
    return await channel.open(MINE)


@pytest.fixture
async def container(environment: Mapping[str, str], redis_servers: tuple[str, str]) -> AsyncIterator[Any]:
    """A client with the container's own credentials."""
    client = login(redis_servers[1], environment[wire.ENV_CHANNEL_USER], environment[wire.ENV_CHANNEL_PASSWORD])
    yield client
    await client.aclose()


def login(url: str, user: str | None, password: str | None) -> Any:
    path = url.partition("@")[2]
    return Redis(
        unix_socket_path=path, username=user, password=password, decode_responses=True, retry=Retry(NoBackoff(), 0)
    )


async def test_it_appends_to_its_own_out_stream_and_reads_its_own_in_stream(
    container: Any, environment: Mapping[str, str], channel: SharedChannel
) -> None:
    await channel.send(MINE, {"type": "ack"})
    assert await container.xread({environment[wire.ENV_STREAM_IN]: "0-0"})
    assert await container.xadd(environment[wire.ENV_STREAM_OUT], {"f": "{}"})


COMMANDS = [
    ("XADD", f"chan:{OTHER}:out", "*", "f", "{}"),
    ("XADD", f"chan:{OTHER}:in", "*", "f", "{}"),
    ("XADD", f"chan:{MINE}:in", "*", "f", "{}"),
    ("XADD", "chan:wake", "*", "f", "{}"),
    ("XREAD", "STREAMS", f"chan:{OTHER}:in", "0-0"),
    ("XREAD", "STREAMS", f"chan:{OTHER}:out", "0-0"),
    ("XREAD", "STREAMS", f"chan:{MINE}:out", "0-0"),
    ("XREAD", "STREAMS", "chan:wake", "0-0"),
    ("XREADGROUP", "GROUP", "g", "c", "STREAMS", f"chan:{MINE}:in", ">"),
    ("XRANGE", f"chan:{MINE}:in", "-", "+"),
    ("XLEN", f"chan:{MINE}:in"),
    ("XTRIM", f"chan:{MINE}:in", "MAXLEN", "0"),
    ("DEL", f"chan:{MINE}:in"),
    ("GET", "x"),
    ("SET", "x", "1"),
    ("KEYS", "*"),
    ("SCAN", "0"),
    ("EVAL", "return 1", "0"),
    ("CONFIG", "GET", "*"),
    ("CLIENT", "LIST"),
    ("ACL", "LIST"),
    ("ACL", "WHOAMI"),
    ("INFO",),
    ("MONITOR",),
    ("SUBSCRIBE", "x"),
    ("PUBLISH", "x", "1"),
    ("SELECT", "1"),
    ("FLUSHALL",),
    ("SHUTDOWN", "NOSAVE"),
    ("MODULE", "LIST"),
    ("REPLICAOF", "NO", "ONE"),
    ("MULTI",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
async def test_it_can_do_nothing_else(container: Any, command: tuple[str, ...]) -> None:
    with pytest.raises(NoPermissionError):
        await container.execute_command(*command)


async def test_nobody_gets_in_without_a_users_password(
    environment: Mapping[str, str], redis_servers: tuple[str, str]
) -> None:
    for user, password in ((None, None), ("default", ""), (environment[wire.ENV_CHANNEL_USER], "wrong")):
        client = login(redis_servers[1], user, password)
        with pytest.raises((AuthenticationError, NoPermissionError, ConnectionError)):
            await client.execute_command("XADD", environment[wire.ENV_STREAM_OUT], "*", "f", "{}")
        await client.aclose()


async def test_a_closed_channel_throws_its_container_out(channel: SharedChannel, container: Any) -> None:
    await container.xadd(f"chan:{MINE}:out", {"f": "{}"})
    await channel.close(MINE)
    with pytest.raises((AuthenticationError, ConnectionError)):
        await container.xadd(f"chan:{MINE}:out", {"f": "{}"})
