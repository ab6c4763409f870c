from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.app.redis_servers import Servers, SharedChannelServer, start_servers
from orchestrator.app.settings import Settings
from orchestrator.redis.client import UNAVAILABLE, connect
from orchestrator.redis.server import own_servers


async def test_a_store_of_our_own_is_started_and_stopped(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        servers = await start_servers(Settings(data_dir=tmp_path), DataDir(tmp_path), {}, stack)
        assert servers.shared_channel is None
        assert len(servers.watchdogs) == 1
        async with connect(servers.store_url, retries=0) as client:
            assert await client.ping()
    with pytest.raises(UNAVAILABLE):
        await connect(servers.store_url, retries=0).ping()


async def test_those_of_others_are_used_as_they_are(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, store_url="redis://a.test:1", channel_url="redis://b.test:2")
    async with contextlib.AsyncExitStack() as stack:
        servers = await start_servers(settings, DataDir(tmp_path), {}, stack)
    shared = SharedChannelServer("redis://b.test:2", "redis://b.test:2", ())
    assert servers == Servers("redis://a.test:1", shared, ())


async def test_the_channel_of_an_earlier_release_is_ended(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path)
    _, channel = own_servers(tmp_path, data_dir.secret())
    await channel.start()
    async with contextlib.AsyncExitStack() as stack:
        await start_servers(Settings(data_dir=tmp_path), data_dir, {}, stack)
        assert not await channel.is_running()
