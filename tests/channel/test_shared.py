from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from orchestrator.channel.channel import Received
from orchestrator.channel.frames import Violation
from orchestrator.channel.shared import SharedChannel
from orchestrator_runtime import wire
from tests.wait import LIMIT_S, wait_until

CHANNEL_ID = "c" * 32
OUT = f"chan:{CHANNEL_ID}:out"


@contextlib.asynccontextmanager
async def reading(client: Any, url: str) -> AsyncIterator[SharedChannel]:
    channel = SharedChannel(client, b"secret", url)
    task = asyncio.get_running_loop().create_task(channel.run(), name="channel")
    yield channel
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.fixture
async def channel(channel_client: Any, redis_servers: tuple[str, str]) -> AsyncIterator[SharedChannel]:
    async with reading(channel_client, redis_servers[1]) as channel:
        await channel.open(CHANNEL_ID)
        yield channel
        await channel.close(CHANNEL_ID)


async def post(client: Any, frame: dict[str, Any]) -> None:
    await client.xadd(OUT, {"f": json.dumps(frame)})


async def test_frames_arrive_in_order(channel: SharedChannel, channel_client: Any) -> None:
    for waiting in (True, False, True):
        await post(channel_client, {"type": "waiting", "waiting": waiting})
    queue = channel.subscribe(CHANNEL_ID)
    found = [(await asyncio.wait_for(queue.get(), LIMIT_S)).frame for _ in range(3)]
    assert found == [wire.Waiting(waiting) for waiting in (True, False, True)]


async def test_a_frame_that_was_not_settled_comes_again_after_a_restart(
    channel_client: Any, redis_servers: tuple[str, str]
) -> None:
    async with reading(channel_client, redis_servers[1]) as first:
        await first.open(CHANNEL_ID)
        for value in (1, 2):
            await post(channel_client, {"type": "result", "value": value})
        await first.settle(CHANNEL_ID, await asyncio.wait_for(first.subscribe(CHANNEL_ID).get(), LIMIT_S))
    async with reading(channel_client, redis_servers[1]) as second:
        await second.open(CHANNEL_ID)
        again = await asyncio.wait_for(second.subscribe(CHANNEL_ID).get(), LIMIT_S)
        assert again.frame == wire.Result(2)
        await second.close(CHANNEL_ID)


async def test_a_frame_that_was_taken_but_not_settled_comes_again_to_who_opens_the_channel_anew(
    channel: SharedChannel, channel_client: Any
) -> None:
    await post(channel_client, {"type": "result", "value": 1})
    await asyncio.wait_for(channel.subscribe(CHANNEL_ID).get(), LIMIT_S)
    await channel.open(CHANNEL_ID)
    again = await asyncio.wait_for(channel.subscribe(CHANNEL_ID).get(), LIMIT_S)
    assert again.frame == wire.Result(1)


async def test_what_was_sent_just_before_the_end_is_drained(
    channel_client: Any, redis_servers: tuple[str, str]
) -> None:
    channel = SharedChannel(channel_client, b"secret", redis_servers[1])
    await channel.open(CHANNEL_ID)
    await post(channel_client, {"type": "result", "value": 1})
    await channel.drain(CHANNEL_ID)
    assert isinstance(channel.subscribe(CHANNEL_ID).get_nowait(), Received)
    await channel.close(CHANNEL_ID)


async def test_a_sweep_closes_what_nobody_has_open(channel: SharedChannel, channel_client: Any) -> None:
    await channel_client.execute_command("ACL", "SETUSER", "c-stale", "on", ">x")
    await channel_client.execute_command("ACL", "SETUSER", "c-adopted", "on", ">x")
    assert await channel.sweep(frozenset({"adopted"})) == 1
    users = await channel_client.execute_command("ACL", "USERS")
    assert "c-stale" not in users
    assert {"c-adopted", f"c-{CHANNEL_ID}"} <= set(users)
    await channel.close("adopted")


async def test_the_server_may_forget_everything_and_the_channel_is_made_again(
    channel: SharedChannel, channel_client: Any
) -> None:
    """A restarted Redis has no users and no streams; killing our connection makes the channel look."""
    user = f"c-{CHANNEL_ID}"
    await channel_client.execute_command("ACL", "DELUSER", user)
    await channel_client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    async def is_back() -> bool:
        return user in await channel_client.execute_command("ACL", "USERS")

    await wait_until(is_back, "the container's user")


async def test_more_than_the_server_gives_in_one_answer_is_read_all_the_same(
    channel_client: Any, redis_servers: tuple[str, str]
) -> None:
    """Results of several containers that came while nobody read: together above the server's limit for one client, 32 MiB."""
    channel_ids = [f"{number:032x}" for number in range(9)]
    text = json.dumps({"type": "result", "value": "x" * wire.RESULT_LIMIT_BYTES})
    for channel_id in channel_ids:
        await channel_client.xadd(f"chan:{channel_id}:out", {"f": text})
    async with reading(channel_client, redis_servers[1]) as channel:
        for channel_id in channel_ids:
            await channel.open(channel_id)
        for channel_id in channel_ids:
            received = await asyncio.wait_for(channel.subscribe(channel_id).get(), LIMIT_S)
            assert isinstance(received.frame, wire.Result)
        for channel_id in channel_ids:
            await channel.close(channel_id)


async def test_an_entry_counts_with_all_its_fields_and_may_have_but_one(
    channel: SharedChannel, channel_client: Any
) -> None:
    await channel_client.xadd(OUT, {"f": '{"type":"result","value":1}', "g": "x" * 1_000_000})
    received = await asyncio.wait_for(channel.subscribe(CHANNEL_ID).get(), LIMIT_S)
    assert received.frame == Violation("an entry of 2 fields")


async def test_a_container_that_is_not_dealt_with_is_not_read_further(
    channel: SharedChannel, channel_client: Any
) -> None:
    for value in range(6):
        await post(channel_client, {"type": "result", "value": str(value) * (2 * 1024 * 1024)})
    queue = channel.subscribe(CHANNEL_ID)
    for value in range(6):
        received = await asyncio.wait_for(queue.get(), LIMIT_S)
        assert received.frame == wire.Result(str(value) * (2 * 1024 * 1024))
        assert queue.qsize() <= 4
        await channel.settle(CHANNEL_ID, received)


async def test_whether_it_can_be_read_is_reported(channel_client: Any, redis_servers: tuple[str, str]) -> None:
    said: list[str] = []
    channel = SharedChannel(channel_client, b"secret", redis_servers[1], said.append)
    task = asyncio.get_running_loop().create_task(channel.run(), name="channel")

    async def is_said_twice() -> bool:
        return said.count("connected") >= 2

    async def is_said() -> bool:
        return "connected" in said

    await wait_until(is_said, "it to be connected")
    await channel_client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await wait_until(is_said_twice, "it to be connected again")
    assert any(one.startswith("interrupted") for one in said)
    task.cancel()
    await asyncio.wait([task])
