"""New work is refused while there is still room to finish what was accepted."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.app import admission
from orchestrator.app.admission import AdmissionWatch
from orchestrator.core.plans import MIB
from orchestrator.redis.server import RedisServer, store_server
from orchestrator.store.connection import Client, Full, connect
from tests.wait import wait_until

PLENTY = 1 << 60


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    made = store_server(tmp_path / "s", "p", fsync="no", memory_bytes=8 * MIB)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def client(server: RedisServer) -> AsyncIterator[Client]:
    made = connect(server.url)
    yield made
    await made.aclose()


async def looked(watch: AdmissionWatch) -> tuple[str, str]:
    await watch.look()
    return watch.admission.no_runs, watch.admission.no_deploys


async def test_with_room_everything_is_taken(client: Client, tmp_path: Path) -> None:
    assert await looked(AdmissionWatch(client, tmp_path, tmp_path, reserve_bytes=1)) == ("", "")


async def test_a_nearly_full_disk_of_our_own_stops_runs_and_deploys(client: Client, tmp_path: Path) -> None:
    no_runs, no_deploys = await looked(AdmissionWatch(client, tmp_path, None, PLENTY))
    assert f"the disk of {tmp_path} is nearly full" in no_runs == no_deploys


async def test_a_nearly_full_disk_of_the_engine_stops_deploys_only(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = AdmissionWatch(client, tmp_path / "ours", tmp_path / "engine", reserve_bytes=100)

    def usage(path: Path) -> Any:
        return type("Usage", (), {"free": 1_000 if path.name == "ours" else 10})

    monkeypatch.setattr("shutil.disk_usage", usage)
    no_runs, no_deploys = await looked(watch)
    assert no_runs == ""
    assert f"the disk of {tmp_path / 'engine'} is nearly full" in no_deploys


async def test_a_store_near_its_memory_limit_takes_nothing_new_but_still_stores(client: Client, tmp_path: Path) -> None:
    watch = AdmissionWatch(client, tmp_path, None, reserve_bytes=1)
    while not watch.admission.no_runs:
        await client.rpush("ballast", "x" * 50_000)
        await watch.look()
    assert "the store's memory of 8 MiB is nearly full" in watch.admission.no_runs
    await client.set("an outcome", "1")
    await client.delete("ballast")
    assert await looked(watch) == ("", "")


async def test_a_store_that_hangs_is_told_from_one_that_is_away(
    server: RedisServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "_SILENCE_S", 0.1)
    watch, pid = AdmissionWatch(client, tmp_path, None, reserve_bytes=1), server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    looking = asyncio.get_running_loop().create_task(watch.look())

    async def is_silent() -> bool:
        return "has not answered" in watch.admission.no_answers

    await wait_until(is_silent, "the silence to be noticed")
    os.kill(pid, signal.SIGCONT)
    await looking
    assert watch.admission.no_answers == ""


async def test_a_full_memory_refuses_whole_scripts_and_keeps_what_there_is(client: Client) -> None:
    """The first write of a script decides: none is ever half done."""
    await client.set("kept", "1")
    await client.config_set("maxmemory", MIB // 2)
    with pytest.raises(Full):
        await client.eval("redis.call('SET', KEYS[1], '1') redis.call('SET', KEYS[2], '2')", 2, "a", "b")
    assert await client.exists("a", "b") == 0
    assert await client.get("kept") == "1"


async def test_a_store_is_not_silent_while_it_is_we_who_do_not_listen() -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def busy() -> None:
        for _ in range(4):
            time.sleep(0.1)  # noqa: ASYNC251  # others' requests, all in one turn of the loop
            await asyncio.sleep(0)
        answer.set_result(None)

    others = asyncio.create_task(busy())
    assert await admission.ends_within(answer, 0.3)
    await others
