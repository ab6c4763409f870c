"""Commands of everybody on one connection: each gets its own answer, and a connection that is lost is made again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.exceptions import ResponseError

from orchestrator.redis.client import UNAVAILABLE, Client, connect
from orchestrator.redis.server import RedisServer, store_server
from tests.wait import LIMIT_S

LARGE = "x" * 1_000_000


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = store_server(tmp_path, "p", fsync="no")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: RedisServer) -> AsyncIterator[Client]:
    async with connect(server.url) as client:
        yield client


async def kill_others(client: Client) -> None:
    """End all connections but the one that asks, which is none of the trunk's."""
    await client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


async def test_each_of_many_gets_its_own_answer_on_one_connection(client: Client) -> None:
    for number in range(100):
        await client.set(f"k{number}", number)
    assert await asyncio.gather(*(client.get(f"k{number}") for number in range(100))) == list(map(str, range(100)))
    assert (await client.info("clients"))[
        "connected_clients"
    ] == 2  # that which carried "set" and "info", and the trunk


async def test_an_error_is_raised_where_it_was_asked_for(client: Client) -> None:
    await client.set("text", "a")
    found = await asyncio.gather(client.get("text"), client.hget("text", "f"), client.get("no"), return_exceptions=True)
    assert found[0] == "a"
    assert isinstance(found[1], ResponseError)
    assert found[2] is None


async def test_who_gives_up_leaves_the_answers_of_the_others_in_order(client: Client) -> None:
    await client.mset({"a": "1", "b": "2", "c": "3"})
    asked = [asyncio.ensure_future(client.get(name)) for name in "abc"]
    await asyncio.sleep(0)
    asked[1].cancel()
    assert await asked[0] == "1"
    assert await asked[2] == "3"


async def test_a_connection_that_ends_is_made_again_and_what_was_asked_is_asked_again(client: Client) -> None:
    await client.set("a", "1")
    assert await client.get("a") == "1"
    await kill_others(client)
    assert await asyncio.gather(*(client.get("a") for _ in range(20))) == ["1"] * 20


async def test_a_server_that_comes_again_is_found(server: RedisServer, client: Client) -> None:
    assert await client.get("a") is None
    await server.stop()
    with pytest.raises(UNAVAILABLE):
        await asyncio.gather(*(client.get("a") for _ in range(5)))
    await server.start()
    assert await client.get("a") is None


async def test_a_server_that_takes_nothing_is_not_sent_more_and_more(server: RedisServer) -> None:
    async with connect(server.url) as client, connect(server.url) as other:
        assert await client.get("a") is None
        await other.execute_command("CLIENT", "PAUSE", 300, "ALL")
        asked = [asyncio.ensure_future(client.hget(LARGE, "f")) for _ in range(50)]
        wire = client._trunk._wire  # noqa: SLF001  # what waits to be sent is nobody else's to see
        for _ in range(50):
            await asyncio.sleep(0)
        assert not wire.has_room.is_set()
        asked += [asyncio.ensure_future(client.hget(LARGE, "f")) for _ in range(50)]
        await asyncio.sleep(0)
        assert wire._transport.get_write_buffer_size() < 60 * len(LARGE)  # noqa: SLF001
        async with asyncio.timeout(LIMIT_S):
            assert await asyncio.gather(*asked) == [None] * 100
