"""A full disk: nothing new is taken, nothing is lost, and all goes on by itself when there is room again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal

import pytest

from orchestrator.core.runs.run import Status
from orchestrator.redis.server import RedisServer, channel_server, store_server
from orchestrator.redis.watchdog import Watchdog
from orchestrator.store.connection import UNAVAILABLE, Full
from tests.scheduler.conftest import Instance
from tests.scheduler.shim_program import Task
from tests.wait import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount the small disk that is filled here")

Fsync = Literal["always", "everysec"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """4 MiB."""
    path = tmp_path / "disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", path], check=True)
    yield path
    subprocess.run(["umount", path], check=True)


@pytest.fixture(params=["everysec", "always"])
def fsync(request: pytest.FixtureRequest) -> Fsync:
    chosen: Fsync = request.param
    return chosen


@pytest.fixture
async def servers(small_disk: Path, tmp_path: Path, fsync: Fsync) -> AsyncIterator[tuple[RedisServer, RedisServer]]:
    """The store on the small disk, kept as `up` keeps it."""
    made = store_server(small_disk / "s", "p", fsync=fsync), channel_server(tmp_path / "c", "p")
    for server in made:
        await server.start()
    watchdog = asyncio.get_running_loop().create_task(Watchdog(made[0], lambda _: None).run(), name="watchdog")
    yield made
    watchdog.cancel()
    await asyncio.wait([watchdog])
    for server in made:
        await server.stop()


@pytest.fixture
def redis_servers(servers: tuple[RedisServer, RedisServer]) -> tuple[str, str]:
    """In place of the shared ones."""
    return servers[0].url, servers[1].url


@contextlib.contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte is left inside the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    yield
    ballast.unlink()


async def refusal(instance: Instance) -> Exception:
    """What a request for a run gets once the store has noticed."""
    refused: list[Exception] = []

    async def is_refused() -> bool:
        try:
            await instance.submit("slow")
        except UNAVAILABLE as error:
            refused.append(error)
        return bool(refused)

    await wait_until(is_refused, "new work to be refused")
    return refused[0]


async def have_returned(run_ids: list[str], returned: set[str]) -> bool:
    return returned.issuperset(run_ids)


async def until_it_takes_work(instance: Instance) -> None:
    async def takes_work() -> bool:
        with contextlib.suppress(*UNAVAILABLE):
            return bool(await instance.ended(await instance.submit("slow")))
        return False

    await wait_until(takes_work, "new work to be taken")


async def test_outcomes_wait_for_room_and_new_work_is_refused(
    fake_instance: Instance, small_disk: Path, fsync: Fsync
) -> None:
    release = asyncio.Event()
    returned: set[str] = set()

    async def slow(task: Task) -> str:
        await release.wait()
        returned.add(task.assignment["run_id"])
        return "kept"

    await fake_instance.register({"slow": slow})
    run_ids = [await fake_instance.submit("slow") for _ in range(4)]
    for run_id in run_ids:
        await fake_instance.in_status(run_id, Status.RUNNING)
    with filled(small_disk):
        error = await refusal(fake_instance)
        if fsync == "everysec":
            assert isinstance(error, Full)
            assert str(error) == "Errors writing to the AOF file: No space left on device"
            assert len(await fake_instance.context.runs.active()) >= 4
        release.set()
        await wait_until(lambda: have_returned(run_ids, returned), "all to return")
        await refusal(fake_instance)
        assert len(await fake_instance.engine.list()) >= 4
    await until_it_takes_work(fake_instance)
    for run_id in run_ids:
        ended = await fake_instance.ended(run_id)
        assert (ended.result, len(ended.run.attempts)) == ('"kept"', 1)
