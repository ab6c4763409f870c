"""Clients that connect and say nothing keep nobody else out."""

from __future__ import annotations

from orchestrator.app.serving.connections import Connections


class Line:
    """A connection from `address`."""

    def __init__(self, connections: Connections, address: str) -> None:
        self._connections = connections
        self.address = address
        self.is_cut = False
        connections.opened(self.cut, address)

    def cut(self) -> None:
        self.is_cut = True
        self._connections.closed(self.cut, self.address)

    def ask(self) -> None:
        self._connections.has_asked(self.cut, self.address)

    def wait(self) -> None:
        self._connections.begin_to_wait(self.cut, self.address)


def cut(lines: list[Line]) -> list[bool]:
    return [line.is_cut for line in lines]


def test_of_too_many_the_one_that_was_silent_for_the_longest_time_goes() -> None:
    connections = Connections(3)
    lines = [Line(connections, f"10.0.0.{number}") for number in range(3)]
    lines[0].ask()
    lines[0].wait()  # again, and so after the others
    lines[2].ask()
    lines += [Line(connections, "10.0.0.9")]
    assert cut(lines) == [False, True, False, False]
    lines += [Line(connections, "10.0.0.10")]
    assert cut(lines) == [True, True, False, False, False]


def test_when_all_have_asked_the_newest_goes() -> None:
    connections = Connections(2)
    lines = [Line(connections, f"10.0.0.{number}") for number in range(2)]
    for line in lines:
        line.ask()
    lines += [Line(connections, "10.0.0.9")]
    assert cut(lines) == [False, False, True]


def test_one_address_has_half_of_the_places_at_most_and_makes_room_for_itself_alone() -> None:
    connections = Connections(4)
    quiet = Line(connections, "10.0.0.1")
    many = [Line(connections, "10.0.0.2") for _ in range(3)]
    assert not quiet.is_cut
    assert cut(many) == [True, False, False]
    many[1].cut()
    assert not Line(connections, "10.0.0.2").is_cut
