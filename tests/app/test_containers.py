"""Containers have a line of their own to the orchestrator, unless the settings name a Redis for all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orchestrator.app.containers import channel_of, container_defaults
from orchestrator.app.redis_servers import Servers, SharedChannelServer
from orchestrator.app.settings import Settings
from orchestrator.channel.lines.line_channel import LineChannel
from orchestrator.channel.shared import SharedChannel
from orchestrator.core.container.spec import Mount
from orchestrator.core.container.user import user_of
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator_runtime import wire

OWN = Servers("unix:///s", None, ())
MOUNTS = (Mount("/run/redis", wire.CHANNEL_DIR),)
SHARED = Servers("unix:///s", SharedChannelServer("unix:///c", "unix:///c", MOUNTS), ())


async def test_each_has_a_line_of_its_own(tmp_path: Path, fake_engine: FakeEngine) -> None:
    assert isinstance(channel_of(OWN, None, tmp_path, b"secret", print), LineChannel)
    info = await fake_engine.info()
    defaults = container_defaults(Settings(data_dir=tmp_path), fake_engine, info, OWN, tmp_path)
    passwd = Mount(f"{tmp_path}/abc/passwd", "/etc/passwd")
    assert defaults.mounts("abc") == (Mount(f"{tmp_path}/abc", wire.CHANNEL_DIR), passwd)
    assert defaults.user("abc") == user_of("abc")


async def test_all_are_nobody_where_a_user_namespace_has_not_enough_ids(
    tmp_path: Path, fake_engine: FakeEngine
) -> None:
    info = replace(await fake_engine.info(), has_all_uids=False)
    defaults = container_defaults(Settings(data_dir=tmp_path), fake_engine, info, OWN, tmp_path)
    assert defaults.mounts("abc") == (Mount(f"{tmp_path}/abc", wire.CHANNEL_DIR),)
    assert defaults.user("abc") == "65534:65534"


async def test_all_use_the_redis_that_others_run(tmp_path: Path, fake_engine: FakeEngine) -> None:
    assert isinstance(channel_of(SHARED, None, tmp_path, b"secret", print), SharedChannel)
    defaults = container_defaults(Settings(data_dir=tmp_path), fake_engine, await fake_engine.info(), SHARED, tmp_path)
    assert defaults.mounts("abc") == MOUNTS
