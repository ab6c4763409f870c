"""One connection, without a socket: what it does with bytes, and with a far end that does not read."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from orchestrator.channel.access import Access
from orchestrator.channel.frames import Violation
from orchestrator.channel.lines.connection import Connection
from orchestrator.channel.lines.line import Line
from orchestrator_runtime.resp import encode
from tests.wait import wait_until

ACCESS = Access.derive(b"secret", "a" * 32)
AUTH = encode("AUTH", ACCESS.user, ACCESS.password)
READ = encode("XREAD", "COUNT", "64", "BLOCK", "60000", "STREAMS", ACCESS.stream_in, "0-0")
APPEND = encode("XADD", ACCESS.stream_out, "*", "f", '{"type":"result","value":1}')


class Wire:
    """A transport that keeps what is written; `high` bytes are congestion."""

    def __init__(self, high: int = 64 * 1024) -> None:
        self.high = high
        self.written: list[bytes] = []
        self.is_reading = True
        self.has_ended = False
        self.protocol: Connection

    def set_write_buffer_limits(self, high: int) -> None: ...

    def write(self, data: bytes) -> None:
        self.written.append(data)
        if sum(map(len, self.written)) > self.high:
            self.protocol.pause_writing()

    def writelines(self, parts: list[bytes]) -> None:
        self.write(b"".join(parts))

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True

    def is_closing(self) -> bool:
        return self.has_ended

    def close(self) -> None:
        self.has_ended = True

    abort = close


@pytest.fixture
async def line() -> Line:
    return Line(ACCESS)


@pytest.fixture
async def far_end(line: Line) -> Any:
    far_end = Wire()
    far_end.protocol = Connection(line)
    far_end.protocol.connection_made(cast(asyncio.Transport, far_end))
    yield far_end
    far_end.protocol.connection_lost(None)


async def test_who_does_not_read_its_answers_gets_no_more_of_them(line: Line, far_end: Wire) -> None:
    line.tell(b"x" * 1_000_000)
    far_end.protocol.data_received(AUTH + READ * 20)
    assert len(far_end.written) == 2
    assert sum(map(len, far_end.written)) < 1_001_000
    far_end.written.clear()
    far_end.protocol.resume_writing()
    assert len(far_end.written) == 1
    far_end.protocol.data_received(READ * 20)
    assert line.is_broken


async def test_nothing_is_done_before_the_password(line: Line, far_end: Wire) -> None:
    far_end.protocol.data_received(APPEND)
    assert far_end.has_ended
    assert line.queue.empty()
    assert not line.is_broken


async def test_what_is_no_command_is_held_against_it_only_once_it_is_known(line: Line, far_end: Wire) -> None:
    far_end.protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
    assert (far_end.has_ended, line.is_broken) == (True, False)


async def test_it_is_known_by_its_password(line: Line, far_end: Wire) -> None:
    far_end.protocol.data_received(AUTH + b"GET / HTTP/1.1\r\n\r\n")
    assert line.is_broken


async def test_others_have_their_turn_between_many_commands(line: Line, far_end: Wire) -> None:
    far_end.protocol.data_received(AUTH + APPEND * 20)
    heard = line.queue.qsize()
    assert heard < 20
    far_end.protocol.data_received(APPEND)
    assert line.queue.qsize() == heard, "who sends more has no more turns"

    async def are_all_there() -> bool:
        return line.queue.qsize() == 21

    await wait_until(are_all_there, "all of them")


async def test_who_does_not_wait_for_answers_is_stopped_however_slowly_it_is_listened_to(
    line: Line, far_end: Wire
) -> None:
    far_end.protocol.data_received(AUTH + APPEND * 100)

    async def is_stopped() -> bool:
        return line.is_broken

    await wait_until(is_stopped, "it to be stopped")
    frame = line.queue.get_nowait().frame
    assert frame == Violation("it sent commands without waiting for the answers to those before")
    assert line.queue.empty()


async def test_what_arrives_in_pieces_is_not_impatience(line: Line, far_end: Wire) -> None:
    far_end.protocol.data_received(AUTH)
    for _ in range(1_000):
        far_end.protocol.data_received(APPEND[:20])
        far_end.protocol.data_received(APPEND[20:])
    assert line.queue.qsize() == 1_000


async def test_what_was_sent_before_the_end_counts_also_where_there_is_no_room_yet(line: Line, far_end: Wire) -> None:
    big = encode("XADD", ACCESS.stream_out, "*", "f", '{"type":"result","value":"%s"}' % ("x" * 1_000_000))
    far_end.protocol.data_received(AUTH + big * 10)
    far_end.protocol.eof_received()
    assert line.queue.qsize() == 9
    assert not far_end.has_ended
    line.settle("1")
    assert line.queue.qsize() == 10
    assert far_end.has_ended


async def test_a_frame_is_answered_when_another_process_has_understood_it_though_nothing_follows(
    line: Line, far_end: Wire
) -> None:
    long = encode("XADD", ACCESS.stream_out, "*", "f", '{"type":"result","value":[%s1]}' % ("[]," * 20_000))
    far_end.protocol.data_received(AUTH + long + APPEND)
    far_end.protocol.eof_received()
    assert (line.queue.empty(), far_end.has_ended) == (True, False)

    async def are_answered() -> bool:
        return far_end.has_ended

    await wait_until(are_answered, "both to be answered")
    assert [line.queue.get_nowait().entry for _ in range(2)] == ["1", "2"]
    assert far_end.written[-2:] == [b"$3\r\n1-0\r\n", b"$3\r\n2-0\r\n"]
