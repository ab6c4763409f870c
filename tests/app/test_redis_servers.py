from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.app.redis_servers import start_servers
from orchestrator.app.settings import Settings
from orchestrator.core.container.spec import Mount
from orchestrator.redis.client import UNAVAILABLE, connect
from orchestrator_runtime import wire


async def test_two_of_our_own_are_started_and_stopped(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        servers = await start_servers(Settings(data_dir=tmp_path), DataDir(tmp_path), {}, stack)
        assert servers.container_url == f"unix://{wire.CHANNEL_SOCKET}"
        assert servers.mounts == (Mount(str(tmp_path / "channel" / "socket"), wire.CHANNEL_DIR),)
        assert len(servers.watchdogs) == 2
        for url in (servers.store_url, servers.channel_url):
            async with connect(url, retries=0) as client:
                assert await client.ping()
    with pytest.raises(UNAVAILABLE):
        await connect(servers.store_url, retries=0).ping()


async def test_those_of_others_are_used_as_they_are(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, store_url="redis://a.test:1", channel_url="redis://b.test:2")
    async with contextlib.AsyncExitStack() as stack:
        servers = await start_servers(settings, DataDir(tmp_path), {}, stack)
    assert (servers.store_url, servers.channel_url) == ("redis://a.test:1", "redis://b.test:2")
    assert (servers.container_url, servers.mounts, servers.watchdogs) == ("redis://b.test:2", (), ())
