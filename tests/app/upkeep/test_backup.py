"""Whatever was acknowledged before a backup is there when it is restored, and nothing that is no backup replaces anything."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir, InUse
from orchestrator.app.upkeep.backup import BackupError, back_up, restore
from orchestrator.redis.client import Client, connect
from orchestrator.redis.server import own_servers
from tests.wait import wait_until

MANY = 2_000


@pytest.fixture
def data_dir(home: Path) -> DataDir:
    found = DataDir(home / "data")
    found.api_key()
    found.instance()
    (found.path / "lines" / "one").mkdir(parents=True)
    return found


@contextlib.asynccontextmanager
async def store_of(data_dir: DataDir) -> AsyncIterator[Client]:
    """The store of the directory, running."""
    server, _ = own_servers(data_dir.path, data_dir.secret())
    await server.start()
    try:
        async with connect(server.url) as client:
            yield client
    finally:
        await server.stop()


async def test_what_was_acknowledged_before_is_in_it_also_while_more_comes(data_dir: DataDir, home: Path) -> None:
    file, other = home / "backup.tar.gz", DataDir(home / "other")
    async with store_of(data_dir) as client:
        acknowledged, is_over = 0, asyncio.Event()

        async def go_on() -> None:
            nonlocal acknowledged
            while not is_over.is_set():
                await client.set(f"key-{acknowledged}", "x" * 500)
                acknowledged += 1

        async def has_many() -> bool:
            return acknowledged >= MANY

        async with asyncio.TaskGroup() as group:
            group.create_task(go_on())
            await wait_until(has_many, "many changes")
            await client.bgrewriteaof()  # which must be waited for
            before = acknowledged
            size = await back_up(data_dir, file)
            is_over.set()
        assert await client.config_get("auto-aof-rewrite-percentage") == {"auto-aof-rewrite-percentage": "100"}
    assert size == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    await restore(file, other)
    async with store_of(other) as restored:
        assert await restored.exists(*(f"key-{number}" for number in range(before))) == before
    assert (other.api_key(), other.instance()) == (data_dir.api_key(), data_dir.instance())


async def test_it_can_be_made_of_one_that_is_stopped_and_put_where_it_was(data_dir: DataDir, home: Path) -> None:
    async with store_of(data_dir) as client:
        await client.set("kept", "1")
    await back_up(data_dir, home / "backup")
    async with store_of(data_dir) as client:
        await client.set("kept", "2")
    await restore(home / "backup", data_dir)
    async with store_of(data_dir) as client:
        assert await client.get("kept") == "1"
    assert (data_dir.path / "lines" / "one").is_dir(), "containers that run need their sockets"
    assert (data_dir.path / "replaced-by-restore" / "store" / "appendonlydir").is_dir()


async def test_nothing_is_restored_under_an_orchestrator_that_runs(data_dir: DataDir, home: Path) -> None:
    async with store_of(data_dir):
        await back_up(data_dir, home / "backup")
    with data_dir.locked(), pytest.raises(InUse):
        await restore(home / "backup", data_dir)


def _archive(file: Path, about: dict[str, object]) -> None:
    text = json.dumps(about).encode()
    with tarfile.open(file, "w:gz") as archive:
        member = tarfile.TarInfo("about.json")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))


async def test_what_is_no_backup_or_a_later_one_replaces_nothing(data_dir: DataDir, home: Path) -> None:
    key = data_dir.api_key()
    (home / "text").write_text("no backup")
    _archive(home / "later", {"form": 99, "release": "9.9"})
    _archive(home / "empty", {})
    for name, why in (("text", "is no whole backup"), ("later", r"orchestrator 9\.9"), ("empty", "is no whole backup")):
        with pytest.raises(BackupError, match=why):
            await restore(home / name, data_dir)
    assert data_dir.api_key() == key
    assert not (data_dir.path / "restoring").exists()


async def test_a_store_of_somebody_elses_is_theirs_to_back_up(data_dir: DataDir, home: Path) -> None:
    with pytest.raises(BackupError, match="--store-url"):
        await back_up(data_dir, home / "backup")


async def test_a_place_that_cannot_be_written_is_named(data_dir: DataDir, home: Path) -> None:
    async with store_of(data_dir):
        with pytest.raises(BackupError, match="cannot be written: No such file or directory"):
            await back_up(data_dir, home / "nowhere" / "backup")
