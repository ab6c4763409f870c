from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from redis.exceptions import ResponseError

from orchestrator.redis.client import UNAVAILABLE, Full, connect, connect_few
from orchestrator.redis.server import store_server
from tests.wait import LIMIT_S


async def test_a_server_that_takes_no_writes_is_told_from_a_mistake(tmp_path: Path) -> None:
    server = store_server(tmp_path, "p", fsync="no")
    await server.start()
    try:
        async with connect(server.url, retries=0) as client:
            await client.config_set("maxmemory", 1)
            with pytest.raises(Full, match="command not allowed"):
                await client.set("a", "1")
    finally:
        await server.stop()


def test_full_is_worth_trying_again_and_says_nothing_of_scripts() -> None:
    assert issubclass(Full, UNAVAILABLE)
    assert str(Full("OOM command not allowed script: abc, on @user_script:1")) == "OOM command not allowed"
    assert not issubclass(ResponseError, UNAVAILABLE)


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    async with connect(f"unix://{tmp_path}/no.sock", retries=0) as client:
        with pytest.raises(UNAVAILABLE):
            await client.ping()


async def test_values_of_every_kind_and_size_arrive_as_they_are(tmp_path: Path) -> None:
    server = store_server(tmp_path, "p", fsync="no")
    await server.start()
    try:
        async with connect(server.url, retries=0) as client, connect(server.url, decode_responses=False) as binary:
            values = ["", "é\r\n", "x" * 100_000, 7, 1.5]
            for number, value in enumerate(values):
                await client.set(f"k{number}", value)
            assert await client.mget(f"k{number}" for number in range(len(values))) == [str(one) for one in values]
            await binary.set("bytes", b"\x00\xff")
            assert await binary.get("bytes") == b"\x00\xff"
            assert await client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    finally:
        await server.stop()


async def test_of_few_connections_each_command_gets_its_turn(tmp_path: Path) -> None:
    server = store_server(tmp_path, "p", fsync="no")
    await server.start()
    try:
        async with connect_few(server.url, max_connections=2, wait_s=LIMIT_S) as few:
            assert await asyncio.gather(*(few.ping() for _ in range(50))) == [True] * 50
            assert (await few.info("clients"))["connected_clients"] <= 2
        async with connect_few(server.url, max_connections=1, wait_s=0.05) as one:
            waiting = asyncio.ensure_future(one.blpop("nothing", timeout=0))
            await asyncio.sleep(0.01)  # it has the only connection
            with pytest.raises(UNAVAILABLE):
                await one.ping()
            waiting.cancel()
    finally:
        await server.stop()
