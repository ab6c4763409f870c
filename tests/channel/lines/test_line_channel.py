"""A container's own line: the shim's end of it is the real one, and so are the sockets."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.channel.lines.line_channel import LineChannel
from orchestrator_runtime import wire
from orchestrator_runtime.resp import ReplyError, encode
from tests.channel.lines.container import Container
from tests.wait import LIMIT_S, wait_until

MINE, OTHER = "a" * 32, "b" * 32


@pytest.fixture
async def container(channel: LineChannel) -> AsyncIterator[Container]:
    async with Container(await channel.open(MINE)) as container:
        yield container


async def heard(channel: LineChannel, channel_id: str = MINE) -> Any:
    received = await asyncio.wait_for(channel.subscribe(channel_id).get(), LIMIT_S)
    await channel.settle(channel_id, received)
    return received.frame


async def test_frames_arrive_in_order(channel: LineChannel, container: Container) -> None:
    await container.connect()
    for value in range(3):
        await container.say(type="result", value=value)
    assert [await heard(channel) for _ in range(3)] == [wire.Result(value) for value in range(3)]


async def test_an_opening_that_is_canceled_leaves_nobody_waiting_at_it(channel: LineChannel) -> None:
    opening = asyncio.ensure_future(channel.open(MINE))
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.wait([opening])
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_unix_connection(channel.folder(MINE) / "channel.sock")


async def test_who_was_about_to_connect_at_the_end_is_not_left_waiting_either(channel: LineChannel) -> None:
    await channel.open(MINE)
    reader, writer = await asyncio.open_unix_connection(channel.folder(MINE) / "channel.sock")
    await channel.close(MINE)
    assert await asyncio.wait_for(reader.read(), LIMIT_S) == b""
    writer.close()


async def test_what_it_is_told_is_read_at_once_or_waited_for(channel: LineChannel, container: Container) -> None:
    await container.connect()
    await channel.send(MINE, {"type": "ack"})
    [(entry, frame)] = await container.read()
    assert frame == {"type": "ack"}
    waiting = asyncio.ensure_future(container.read(entry))
    await channel.send(MINE, {"type": "child_done", "call": 1}, value='{"a":1}')
    assert [frame for _, frame in await waiting] == [{"type": "child_done", "call": 1, "value": {"a": 1}}]


async def test_where_there_is_nothing_the_wait_ends(channel: LineChannel, container: Container) -> None:
    await container.connect()
    assert await container.read(block_ms=1) == []


async def test_who_was_opened_anew_is_told_again_and_says_again(channel: LineChannel, container: Container) -> None:
    """As after a restart of the orchestrator: the shim connects and repeats, and nothing else is needed."""
    await container.connect()
    await channel.open(MINE)
    with pytest.raises(OSError):  # noqa: PT011  # reset or closed, as it happens
        await container.say(type="result", value=1)
    await container.connect()
    await container.say(type="result", value=1)
    assert await heard(channel) == wire.Result(1)


async def test_what_was_sent_just_before_the_end_is_drained(channel: LineChannel, container: Container) -> None:
    """Six results of 2 MiB are more than is taken in while nobody deals with any."""
    value = "x" * (wire.RESULT_LIMIT_BYTES // 2)
    frame = encode("XADD", f"chan:{MINE}:out", "*", "f", json.dumps({"type": "result", "value": value}))
    _, writer = await container.open_raw()
    writer.write(frame * 6)
    sent = asyncio.ensure_future(writer.drain())
    queue = channel.subscribe(MINE)

    async def is_full() -> bool:
        return queue.qsize() == 4

    await wait_until(is_full, "the line to be full")
    draining = asyncio.ensure_future(channel.drain(MINE))
    await sent
    writer.close()
    await draining
    assert queue.qsize() == 6


async def test_each_container_sees_its_own_socket_alone(channel: LineChannel, container: Container, home: Path) -> None:
    await channel.open(OTHER)
    assert sorted(os.listdir(home / "lines")) == [MINE, OTHER]
    assert sorted(os.listdir(channel.folder(MINE))) == ["channel.sock", "passwd"]


async def test_a_closed_channel_leaves_nothing(channel: LineChannel, container: Container, home: Path) -> None:
    await container.connect()
    await channel.close(MINE)
    with pytest.raises(OSError):  # noqa: PT011
        await container.say(type="result", value=1)
    assert os.listdir(home / "lines") == []


async def test_a_sweep_removes_what_nobody_has_open(channel: LineChannel, container: Container, home: Path) -> None:
    for name in ("stale", "adopted"):
        (home / "lines" / name).mkdir()
    assert await channel.sweep(frozenset({"adopted"})) == 1
    assert sorted(os.listdir(home / "lines")) == [MINE, "adopted"]


async def test_a_long_path_is_no_obstacle(home: Path) -> None:
    channel = LineChannel(home / ("long" * 30), b"secret")
    environment = await channel.open(MINE)
    assert environment[wire.ENV_CHANNEL_URL] == f"unix://{wire.CHANNEL_SOCKET}"
    await channel.close(MINE)


async def test_a_wrong_password_is_no_way_in(channel: LineChannel, container: Container) -> None:
    container.login[2] = "wrong"
    with pytest.raises((ReplyError, OSError)):
        await container.connect()
    assert channel.subscribe(MINE).empty()
