"""A Redis that is killed while runs are in flight costs no run, no attempt and no answer."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrator.channel.channel import Channel
from orchestrator.channel.shared import SharedChannel
from orchestrator.core.runs.run import Status
from orchestrator.redis.server import RedisServer, own_servers
from orchestrator.redis.watchdog import Watchdog
from orchestrator.store import keys
from orchestrator.store.logs import Cursor
from tests.scheduler.conftest import Instance
from tests.scheduler.shim_program import Task
from tests.wait import wait_until


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[tuple[RedisServer, RedisServer]]:
    """A store and a channel of the test's own, kept as `up` keeps its."""
    made = own_servers(tmp_path, "p")
    for server in made:
        await server.start()
    loop = asyncio.get_running_loop()
    watchdogs = [loop.create_task(Watchdog(server, lambda _: None).run(), name="watchdog") for server in made]
    yield made
    for watchdog in watchdogs:
        watchdog.cancel()
    await asyncio.wait(watchdogs)
    for server in made:
        await server.stop()


@pytest.fixture
def redis_servers(servers: tuple[RedisServer, RedisServer]) -> tuple[str, str]:
    """In place of the shared ones."""
    return servers[0].url, servers[1].url


@pytest.fixture
def new_channel(channel_client: Any, redis_servers: tuple[str, str]) -> Callable[[], Channel]:
    """One that is shared, for only that is a Redis."""
    socket = redis_servers[1].partition("@")[2]
    return lambda: SharedChannel(channel_client, b"secret", f"unix://{socket}")


async def killed(server: RedisServer) -> None:
    """Kill it, and wait until its watchdog has started it again."""
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    async def is_back() -> bool:
        return server.pid() not in (None, pid)

    await wait_until(is_back, f"the {server.name}")


@pytest.mark.parametrize("which", [0, 1], ids=["store", "channel"])
async def test_runs_in_flight_survive_the_kill_of_a_redis(
    fake_instance: Instance, servers: tuple[RedisServer, RedisServer], which: int
) -> None:
    release = asyncio.Event()

    async def leaf(task: Task, number: int) -> int:
        await release.wait()
        return number * 2

    async def parent(task: Task, number: int) -> int:
        (value,) = await task.wait_for(await task.start_child("leaf", number))
        return int(value) + 1

    await fake_instance.register({"leaf": leaf, "parent": parent})
    parents = [await fake_instance.submit("parent", number) for number in range(5)]
    leaves = [await fake_instance.submit("leaf", number) for number in range(5)]
    for run_id in (*parents, *leaves):
        await fake_instance.in_status(run_id, Status.RUNNING)
    await killed(servers[which])
    release.set()
    ended = [await fake_instance.ended(run_id) for run_id in (*parents, *leaves)]
    assert [one.result for one in ended] == [*(str(n * 2 + 1) for n in range(5)), *(str(n * 2) for n in range(5))]
    assert {len(one.run.attempts) for one in ended} == {1}


async def test_outcomes_reported_while_the_store_is_away_are_stored_when_it_is_back(
    fake_instance: Instance, servers: tuple[RedisServer, RedisServer]
) -> None:
    release = asyncio.Event()

    async def quick(task: Task) -> str:
        await release.wait()
        return "told to nobody"

    await fake_instance.register({"quick": quick})
    run_ids = [await fake_instance.submit("quick") for _ in range(5)]
    for run_id in run_ids:
        await fake_instance.in_status(run_id, Status.RUNNING)
    pid = servers[0].pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    release.set()
    for run_id in run_ids:
        ended = await fake_instance.ended(run_id)
        assert (ended.result, len(ended.run.attempts)) == ('"told to nobody"', 1)


async def test_a_task_that_prints_while_the_store_is_away_loses_no_line(
    fake_instance: Instance, servers: tuple[RedisServer, RedisServer]
) -> None:
    release = asyncio.Event()

    async def talks(task: Task) -> str:
        for number in range(1_000_000):
            task.process.print(f"line {number}")
            if release.is_set():
                return str(number)
            await asyncio.sleep(0.01)
        raise AssertionError

    await fake_instance.register({"talks": talks})
    run_id = await fake_instance.submit("talks")
    await fake_instance.in_status(run_id, Status.RUNNING)
    for _ in range(3):  # the third time it stays away for longer than a command is repeated
        await killed(servers[0])
    release.set()
    ended = await fake_instance.ended(run_id)
    key = keys.run_logs(run_id, 0)

    async def is_complete() -> bool:
        return await fake_instance.context.logs.is_complete(key)

    await wait_until(is_complete, "the log to be complete")
    page = await fake_instance.context.logs.read(key, Cursor(), limit=1_000_000)
    said = [line.message for _, line in page.lines]
    assert said == [f"line {number}" for number in range(int(json.loads(ended.result or "")) + 1)]


async def test_a_burst_of_submissions_survives_kills_of_both(
    fake_instance: Instance, servers: tuple[RedisServer, RedisServer]
) -> None:
    async def square(task: Task, number: int) -> int:
        return number * number

    await fake_instance.register({"square": square})
    run_ids = [await fake_instance.submit("square", number) for number in range(40)]
    for server in (*servers, *servers):
        await killed(server)
    ended = [await fake_instance.ended(run_id) for run_id in run_ids]
    assert [one.result for one in ended] == [str(number * number) for number in range(40)]
