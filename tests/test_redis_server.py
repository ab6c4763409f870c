"""The Redis servers that `up` starts."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError

from orchestrator.redis_server import RedisServer, store_server
from orchestrator.store.connection import connect


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="orc-") as home:  # pytest's own paths are too long for a socket
        server = store_server(Path(home), "secret", fsync="everysec")
        await server.start()
        yield server
        await server.stop()


async def test_what_scripts_and_transactions_wrote_survives_a_restart(server: RedisServer) -> None:
    client = connect(server.url)
    await client.eval("redis.call('set', 'by-script', 1) redis.call('set', 'too', 1)", 0)
    async with client.pipeline(transaction=True) as pipe:
        pipe.set("by-transaction", 1)
        await pipe.execute()
    await client.aclose()
    await server.stop()
    await server.start()
    client = connect(server.url)
    assert await client.exists("by-script", "too", "by-transaction") == 3
    await client.aclose()


async def test_without_its_password_nobody_gets_in(server: RedisServer) -> None:
    client = connect(f"unix://{server.socket}")
    with pytest.raises(ConnectionError, match="authenticated"):
        await client.ping()
    await client.aclose()


async def test_a_server_that_runs_already_is_used(server: RedisServer) -> None:
    client = connect(server.url)
    pid = (await client.info("server"))["process_id"]
    await server.start()
    assert (await client.info("server"))["process_id"] == pid
    await client.aclose()


async def test_stopping_twice_is_stopping_once(server: RedisServer) -> None:
    await server.stop()
    await server.stop()
    with pytest.raises(ConnectionError):
        await connect(server.url).ping()
