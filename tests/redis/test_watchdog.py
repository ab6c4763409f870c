"""A Redis server that ends while the orchestrator runs is started again; one that hangs is reported and left alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.redis import watchdog
from orchestrator.redis.client import connect
from orchestrator.redis.server import RedisServer, store_server
from orchestrator.redis.watchdog import Watchdog
from tests.wait import wait_until


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    made = store_server(tmp_path / "store", "secret", fsync="everysec")
    await made.start()
    yield made
    await made.stop()


@contextlib.asynccontextmanager
async def kept(server: RedisServer) -> AsyncIterator[list[str]]:
    """Keep it; what was reported so far."""
    said: list[str] = []
    task = asyncio.get_running_loop().create_task(Watchdog(server, said.append).run(), name="watchdog")
    yield said
    task.cancel()
    await asyncio.wait([task])


async def until_said(said: list[str], words: str) -> None:
    async def is_said() -> bool:
        return bool(said) and words in said[-1]

    await wait_until(is_said, words)


def kill(server: RedisServer) -> int:
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


async def test_a_killed_server_is_back_with_all_it_had(server: RedisServer) -> None:
    async with kept(server) as said, connect(server.url) as redis:
        await redis.set("a", "1")
        await until_said(said, "running")
        killed = kill(server)
        await until_said(said, "running, restarted 1 times")
        assert server.pid() not in (None, killed)
        assert await redis.get("a") == "1"


async def test_one_that_keeps_ending_is_started_at_growing_intervals(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with kept(server) as said:
        for restarts in (1, 2, 3):
            kill(server)
            await until_said(said, f"restarted {restarts} times")
    assert re.findall(r"starting it again in (\S+) s", caplog.text) == ["0.0", "0.2", "0.4"]


async def test_one_that_cannot_start_is_tried_until_it_can(server: RedisServer) -> None:
    manifest = server.home / "appendonlydir" / "appendonly.aof.manifest"
    good = manifest.read_text()
    async with kept(server) as said:
        await until_said(said, "running")
        manifest.write_text("nonsense\n")
        kill(server)
        await until_said(said, "ended; starting it again")
        manifest.write_text(good)
        await until_said(said, "restarted 1 times")


async def test_one_that_hangs_is_reported_and_not_killed(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "HUNG_S", 0.1)
    monkeypatch.setattr(watchdog, "PING_S", 0.05)
    pid = server.pid()
    assert pid is not None
    async with kept(server) as said:
        await until_said(said, "running")
        os.kill(pid, signal.SIGSTOP)
        await until_said(said, f"process {pid} does not answer")
        os.kill(pid, signal.SIGCONT)
        await until_said(said, "running")
        assert server.pid() == pid


async def test_a_closed_connection_is_not_taken_for_a_dead_server(server: RedisServer) -> None:
    async with kept(server) as said, connect(server.url) as redis:
        await until_said(said, "running")
        said.clear()
        await redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await until_said(said, "running")
        assert said == ["running"]
