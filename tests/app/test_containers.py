"""Containers have a line of their own to the orchestrator, unless the settings name a Redis for all of them."""

from __future__ import annotations

from pathlib import Path

from orchestrator.app.containers import channel_of, container_defaults
from orchestrator.app.redis_servers import Servers, SharedChannelServer
from orchestrator.app.settings import Settings
from orchestrator.channel.lines.line_channel import LineChannel
from orchestrator.channel.shared import SharedChannel
from orchestrator.core.container.spec import Mount
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator_runtime import wire

OWN = Servers("unix:///s", None, ())
MOUNTS = (Mount("/run/redis", wire.CHANNEL_DIR),)
SHARED = Servers("unix:///s", SharedChannelServer("unix:///c", "unix:///c", MOUNTS), ())


async def test_each_has_a_line_of_its_own(tmp_path: Path, fake_engine: FakeEngine) -> None:
    assert isinstance(channel_of(OWN, None, tmp_path, b"secret", print), LineChannel)
    defaults = container_defaults(Settings(data_dir=tmp_path), fake_engine, OWN, tmp_path)
    assert defaults.mounts("abc") == (Mount(f"{tmp_path}/abc", wire.CHANNEL_DIR),)


async def test_all_use_the_redis_that_others_run(tmp_path: Path, fake_engine: FakeEngine) -> None:
    assert isinstance(channel_of(SHARED, None, tmp_path, b"secret", print), SharedChannel)
    defaults = container_defaults(Settings(data_dir=tmp_path), fake_engine, SHARED, tmp_path)
    assert defaults.mounts("abc") == MOUNTS
