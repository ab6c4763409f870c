"""What one container does with its line harms no other: a second one's frames and answers pass meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrator.channel import budget, frames
from orchestrator.channel.budget import Bucket
from orchestrator.channel.frames import Text, Violation
from orchestrator.channel.lines import line
from orchestrator.channel.lines.line import UNREAD_LIMIT_BYTES, UNSETTLED_LIMIT_BYTES
from orchestrator.channel.lines.line_channel import LineChannel
from orchestrator_runtime import wire
from orchestrator_runtime.resp import encode
from tests.channel.lines.container import Container
from tests.wait import LIMIT_S, wait_until

BAD, CANARY = "a" * 32, "b" * 32
OUT, IN = f"chan:{BAD}:out", f"chan:{BAD}:in"
TINY = encode("XADD", OUT, "*", "f", '{"type":"waiting","waiting":true}')


@pytest.fixture
async def channel(home: Path, clock: Callable[[], float]) -> AsyncIterator[LineChannel]:
    channel = LineChannel(home / "lines", b"secret", is_mounted=False, clock=clock)
    running = asyncio.get_running_loop().create_task(channel.run(), name="channel")
    yield channel
    running.cancel()
    await asyncio.wait([running])


@pytest.fixture
async def bad(channel: LineChannel) -> AsyncIterator[Container]:
    async with Container(await channel.open(BAD)) as container:
        yield container


@pytest.fixture
async def canary(channel: LineChannel) -> AsyncIterator[Container]:
    """A container that behaves."""
    async with Container(await channel.open(CANARY)) as container:
        await container.connect()
        yield container


@pytest.fixture
def clock() -> Callable[[], float]:
    """One that stands still, for how much this process gets done in a second is another matter."""
    return lambda: 0.0


async def passes(channel: LineChannel, canary: Container) -> None:
    """Its frame arrives, and it gets an answer."""
    await canary.say(type="result", value=1)
    received = await asyncio.wait_for(channel.subscribe(CANARY).get(), LIMIT_S)
    assert received.frame == wire.Result(1)
    await channel.send(CANARY, {"type": "ack"})
    assert (await canary.read())[-1][1] == {"type": "ack"}


async def violation(channel: LineChannel) -> str:
    """Why the other is stopped."""
    while True:
        received = await asyncio.wait_for(channel.subscribe(BAD).get(), LIMIT_S)
        if isinstance(received.frame, Violation):
            return received.frame.reason


async def pour(container: Container, data: bytes, times: int) -> None:
    """Send it again and again, until it is thrown out, and read nothing."""
    _, writer = await container.open_raw()
    try:
        for _ in range(times):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.transport.abort()


async def say_again(container: Container, times: int, **frame: object) -> None:
    """As a shim does, which waits for each answer."""
    for _ in range(times):
        await container.say(**frame)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("XADD", OUT, "*", "f", "{}", *("x", "y" * 1_000) * 6), "a command of 17 words"),
        (("XADD", OUT, "MAXLEN", "0", "*", "f", "{}"), "a command that no shim sends"),
        (("XREAD", "STREAMS", *[IN] * 20_000, *["0-0"] * 20_000), "a command of 40002 words"),
        (("MULTI",), "a command that no shim sends"),
        (("XADD", f"chan:{CANARY}:out", "*", "f", "{}"), "a stream that is not its own"),
        (("XREAD", "COUNT", "1", "BLOCK", "1", "STREAMS", f"chan:{CANARY}:in", "0-0"), "a stream that is not its own"),
        (("XADD", OUT, "*", "f", "{"), "a frame that is not JSON"),
        (("XADD", OUT, "*", "f", "x" * (wire.FRAME_LIMIT_BYTES + 1)), "the limit is 5242880"),
    ],
)
async def test_what_no_shim_says_ends_it(
    channel: LineChannel, bad: Container, canary: Container, words: tuple[str, ...], reason: str
) -> None:
    await pour(bad, encode(*words), 1)
    assert reason in await violation(channel)
    await passes(channel, canary)


@pytest.mark.parametrize("work_s", [Bucket(1_000, 1), Bucket(0, 0.001)], ids=["idle", "too busy to listen"])
async def test_a_flood_of_frames_ends_it_before_all_is_looked_at(
    channel: LineChannel, canary: Container, monkeypatch: pytest.MonkeyPatch, work_s: Bucket
) -> None:
    monkeypatch.setattr(budget, "work_s", lambda: work_s)
    bad = Container(await channel.open(BAD))
    pouring = asyncio.ensure_future(pour(bad, TINY * 1_000, 1_000))
    await passes(channel, canary)
    assert await violation(channel) == "it sent commands without waiting for the answers to those before"
    await pouring


async def test_a_flood_of_connections_ends_it(channel: LineChannel, bad: Container, canary: Container) -> None:
    async def flood() -> None:
        while True:
            _, writer = await asyncio.open_unix_connection(bad.path)
            writer.transport.abort()

    with pytest.raises(OSError):  # noqa: PT011  # nobody listens any more
        await asyncio.wait_for(flood(), LIMIT_S)
    assert await violation(channel) == "it opened connections faster than a container may"
    await passes(channel, canary)


async def test_connections_that_say_nothing_are_few(channel: LineChannel, bad: Container, canary: Container) -> None:
    opened = [await asyncio.open_unix_connection(bad.path) for _ in range(20)]
    ended = [asyncio.ensure_future(reader.read()) for reader, _ in opened]

    async def are_gone() -> bool:
        return sum(one.done() for one in ended) >= 12

    await wait_until(are_gone, "all but eight of them to be cut off")
    await passes(channel, canary)
    for _, writer in opened:
        writer.transport.abort()
    await asyncio.wait(ended)


async def test_large_frames_wait_in_the_container_while_nobody_deals_with_them(
    channel: LineChannel, bad: Container, canary: Container
) -> None:
    """Honest: a parent that asks for many children with large inputs at once. It is slowed down, and nothing is lost."""
    text = json.dumps({"type": "result", "value": "x" * (wire.RESULT_LIMIT_BYTES // 4)})
    await bad.connect()
    pouring = asyncio.ensure_future(say_again(bad, 20, type="result", value="x" * (wire.RESULT_LIMIT_BYTES // 4)))
    queue = channel.subscribe(BAD)
    for _ in range(20):
        received = await asyncio.wait_for(queue.get(), LIMIT_S)
        assert queue.qsize() * len(text) <= UNSETTLED_LIMIT_BYTES + len(text)
        assert isinstance(received.frame, wire.Result)
        await channel.settle(BAD, received)
    await passes(channel, canary)
    await pouring


async def test_answers_wait_for_room_where_they_are_not_read(
    channel: LineChannel, bad: Container, canary: Container
) -> None:
    value = json.dumps("x" * (UNREAD_LIMIT_BYTES // 4))
    told = 0

    async def tell() -> None:
        nonlocal told
        for call in range(20):
            await channel.room(BAD)
            await channel.send(BAD, {"type": "child_done", "call": call}, value=value)
            told += 1

    telling = asyncio.ensure_future(tell())
    await passes(channel, canary)
    assert told == 4
    await bad.connect()
    frames: list[tuple[str, Any]] = []
    while len(frames) < 20:
        frames += await bad.read(frames[-1][0] if frames else "0-0")
    assert [frame["call"] for _, frame in frames] == list(range(20))
    await telling


async def test_a_frame_that_is_long_to_understand_is_understood_by_another_process(
    channel: LineChannel, bad: Container, canary: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bad.connect()
    parsed: list[int] = []

    def parse(text: str) -> frames.Frame:
        parsed.append(len(text))
        return frames.parse(text)

    monkeypatch.setattr(line, "parse", parse)
    saying = asyncio.ensure_future(bad.say(type="result", value=[[]] * 20_000))
    await passes(channel, canary)
    received = await asyncio.wait_for(channel.subscribe(BAD).get(), LIMIT_S)
    await saying
    assert received.frame == wire.Result(Text(f"[{','.join(['[]'] * 20_000)}]"))
    assert all(length < 1_000 for length in parsed)


async def test_a_long_frame_that_is_none_ends_it_all_the_same(channel: LineChannel, bad: Container) -> None:
    reader, writer = await bad.open_raw()
    writer.write(encode("XADD", OUT, "*", "f", '{"type":"result","value":[' + "[]," * 20_000))
    assert "a frame that is not JSON" in await violation(channel)
    assert await reader.read() == b""
    writer.close()


async def test_the_time_that_another_process_takes_counts_to_the_line(
    channel: LineChannel, bad: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slowly(*_: object, **__: object) -> tuple[wire.Result, float]:
        return wire.Result(Text("1")), 100.0

    monkeypatch.setattr(line, "computed", slowly)
    monkeypatch.setattr(budget, "work_s", lambda: Bucket(1.0, 0.2))
    await bad.connect()
    await bad.say(type="result", value=[[]] * 20_000)
    _, writer = await bad.open_raw()
    writer.write(TINY)
    first = await asyncio.wait_for(channel.subscribe(BAD).get(), LIMIT_S)
    assert first.frame == wire.Result(Text("1"))
    await bad_is_quiet(channel)


async def bad_is_quiet(channel: LineChannel) -> None:
    """It has to wait: nothing more of it arrives while others' frames do."""
    for _ in range(100):
        await asyncio.sleep(0)
    assert channel.subscribe(BAD).empty()
