"""The servers `up` starts: durable, private, and left running by a crash."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ConnectionError

from orchestrator.redis import server as redis_server_module
from orchestrator.redis.client import connect
from orchestrator.redis.server import (
    RedisServer,
    RedisServerError,
    channel_server,
    own_servers,
    stop_left_over,
    store_server,
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    made = store_server(tmp_path / "store", "secret", fsync="everysec")
    await made.start()
    yield made
    await made.stop()


def client(server: RedisServer, password: str | None = None) -> Any:
    return connect(f"unix://{f':{password}@' if password else ''}{server.socket}", retries=0)


async def test_transactions_and_scripts_survive_a_restart(server: RedisServer) -> None:
    """Redis replays them as the default user: see decision 7."""
    async with client(server, "secret") as redis:
        async with redis.pipeline(transaction=True) as pipe:
            await pipe.set("a", "1").set("b", "2").execute()
        await redis.eval("redis.call('SET', KEYS[1], '3') redis.call('SET', KEYS[2], '4')", 2, "c", "d")
    await server.stop()
    await server.start()
    async with client(server, "secret") as redis:
        assert await redis.mget("a", "b", "c", "d") == ["1", "2", "3", "4"]


async def test_a_server_that_runs_already_is_used(server: RedisServer) -> None:
    async with client(server, "secret") as redis:
        before = (await redis.info("server"))["process_id"]
        await server.start()
        assert (await redis.info("server"))["process_id"] == before


async def test_nobody_gets_in_without_the_password(server: RedisServer) -> None:
    async with client(server) as redis:
        with pytest.raises(ConnectionError, match="auth"):
            await redis.get("a")


async def test_stopping_twice_is_stopping_once(server: RedisServer) -> None:
    await server.stop()
    await server.stop()


async def test_a_missing_binary_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RedisServerError, match="apt-get install redis-server"):
        await channel_server(tmp_path / "channel", "secret").start()


async def test_a_path_too_long_for_a_socket_says_so(tmp_path: Path) -> None:
    with pytest.raises(RedisServerError, match="choose a shorter --data-dir"):
        await store_server(tmp_path / ("x" * 100), "secret", fsync="always").start()


async def test_a_configuration_it_cannot_read_names_the_log(tmp_path: Path) -> None:
    broken = dataclasses.replace(store_server(tmp_path / "s", "p", fsync="always"), extra=("no-such-option yes",))
    with pytest.raises(RedisServerError, match=r"its log is .*redis\.log"):
        await broken.start()


async def test_two_who_start_it_at_the_same_moment_get_one_server(tmp_path: Path) -> None:
    """Two servers on one file would destroy it."""
    server = store_server(tmp_path / "s", "p", fsync="no")
    await asyncio.gather(*(server.start() for _ in range(4)))
    log = server.log_path.read_text()
    await server.stop()
    assert log.count("Redis is starting") == 1


async def test_one_that_ends_while_it_starts_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server_module, "_TIMEOUT_S", 3600.0)
    server = store_server(tmp_path / "s", "p", fsync="no")
    (server.home / "appendonlydir").mkdir(parents=True)
    (server.home / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense")
    with pytest.raises(RedisServerError, match="did not start"):
        await server.start()


async def test_one_that_hangs_is_named_with_its_process(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server_module, "_TIMEOUT_S", 0.1)
    monkeypatch.setattr(redis_server_module, "_ANSWER_S", 0.1)
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(RedisServerError, match=rf"\(process {pid}\) does not answer"):
            await server.start()
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_what_a_killed_orchestrator_left_is_ended(tmp_path: Path) -> None:
    for server in own_servers(tmp_path, "secret"):
        await server.start()
    assert await stop_left_over(tmp_path, "secret")
    assert not await stop_left_over(tmp_path, "secret")
