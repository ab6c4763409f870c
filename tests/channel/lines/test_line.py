"""How much a container may say and be told, by a clock of the test's."""

from __future__ import annotations

import pytest

from orchestrator.channel.access import Access
from orchestrator.channel.frames import Violation
from orchestrator.channel.lines.line import CONNECTIONS_LIMIT, UNREAD_LIMIT_BYTES, UNSETTLED_LIMIT_BYTES, Line
from orchestrator_runtime import wire

MIB = 1024 * 1024


class Peer:
    """A connection; what the line did to it."""

    def __init__(self) -> None:
        self.has_ended = False
        self.advances = 0

    def advance(self) -> None:
        self.advances += 1

    def end(self) -> None:
        self.has_ended = True


@pytest.fixture
def line() -> Line:
    return Line(Access.derive(b"secret", "a" * 32), clock=lambda: 0.0)


def result(size_bytes: int) -> bytes:
    return b'{"type":"result","value":"%b"}' % (b"x" * size_bytes)


async def test_what_breaks_the_rules_is_told_before_all_else_and_ends_its_connections(line: Line) -> None:
    peer = Peer()
    assert line.admit(peer)
    line.hear(result(1))
    line.hear(b"{")
    assert line.queue.qsize() == 1
    assert isinstance(line.queue.get_nowait().frame, Violation)
    assert peer.has_ended
    assert not line.admit(Peer())


async def test_it_is_full_until_what_was_said_is_settled(line: Line) -> None:
    peer = Peer()
    line.admit(peer)
    while not line.is_full:
        line.hear(result(MIB))
    assert line.queue.qsize() == UNSETTLED_LIMIT_BYTES // MIB
    before = peer.advances
    line.settle(line.queue.get_nowait().entry)
    assert not line.is_full
    assert peer.advances == before + 1


async def test_what_a_frame_costs_does_not_come_back_twice(line: Line) -> None:
    line.hear(result(UNSETTLED_LIMIT_BYTES // 2))
    for _ in range(3):
        line.settle("1")
    line.hear(result(UNSETTLED_LIMIT_BYTES // 2))
    line.hear(result(UNSETTLED_LIMIT_BYTES // 2))
    assert line.is_full


async def test_frames_are_forgotten_once_those_after_them_are_asked_for(line: Line) -> None:
    for number in range(3):
        line.tell(b"%d" % number)
    first = line.read(0, 2)
    assert [frame for _, frame in first] == [b"0", b"1"]
    assert [frame for _, frame in line.read(first[-1][0], 64)] == [b"2"]
    assert [frame for _, frame in line.read(0, 64)] == [b"2"]


async def test_an_answer_is_not_much_larger_than_a_frame(line: Line) -> None:
    for _ in range(4):
        line.tell(b"x" * (2 * MIB))
    assert len(line.read(0, 64)) == 1


async def test_bytes_are_paced_and_commands_are_not(line: Line) -> None:
    line.arrived(64 * MIB)
    assert line.debt_s == 0
    line.arrived(16 * MIB)
    assert line.debt_s == pytest.approx(1.0)
    assert all(line.asked() for _ in range(12_000))
    assert not line.asked()
    assert line.is_broken


async def test_what_takes_long_to_understand_is_paced_too(line: Line) -> None:
    while not line.debt_s:
        line.hear(b'{"type":"result","value":[' + b"1.5," * 1_000_000 + b"0]}")
        line.settle(line.queue.get_nowait().entry)
    assert line.debt_s < 60


async def test_what_a_parent_of_ten_thousand_asks_for_at_once_is_within_the_budget(line: Line) -> None:
    for call in range(wire.CHILDREN_LIMIT):
        assert line.asked()
        line.hear(b'{"type":"child","call":%d,"task":"t","input":[]}' % call)
    assert not line.is_broken
    assert not line.is_full


async def test_there_are_few_connections_at_a_time(line: Line) -> None:
    assert sum(line.admit(Peer()) for _ in range(50)) == CONNECTIONS_LIMIT


async def test_there_is_no_room_until_most_was_read(line: Line) -> None:
    line.tell(b"x" * UNREAD_LIMIT_BYTES)
    assert not line.has_room
    line.read(1, 64)
    assert line.has_room
