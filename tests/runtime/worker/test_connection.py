"""One connection: what the server sends for what arrives, without waiting for anything."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from typing import Any

import pytest

from orchestrator_runtime.latch import Latch
from orchestrator_runtime.worker.connection import HOLD_S, Connection
from orchestrator_runtime.worker.http import BODY_LIMIT_BYTES, Answer, Held, Request

GET = b"GET /input HTTP/1.1\r\n\r\n"


class Timer:
    def __init__(self, delay_s: float, call: Callable[[], object]) -> None:
        self.delay_s = delay_s
        self.call = call
        self.is_canceled = False

    def cancel(self) -> None:
        self.is_canceled = True


class FakeServer:
    """A server whose time the test lets pass."""

    def __init__(self, answer: Callable[[Request], Answer | Held]) -> None:
        self.handle = answer
        self.soon: list[Callable[[], object]] = []
        self.timers: list[Timer] = []
        self.events = 0
        self.ready: Callable[[int], object] | None = None

    def call_soon(self, call: Callable[[], object]) -> None:
        self.soon.append(call)

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        self.timers.append(Timer(delay_s, call))
        return self.timers[-1]

    def watch(self, watched: socket.socket, events: int, ready: Callable[[int], object]) -> None:
        self.events, self.ready = events, ready if events else None

    def turn(self) -> None:
        """What the loop does when the socket is ready."""
        if self.ready is not None:
            self.ready(self.events)
        while self.soon:
            self.soon.pop(0)()

    def pass_hold(self) -> None:
        """So much time passes that what is held is held for long."""
        for timer in [one for one in self.timers if not one.is_canceled]:
            self.timers.remove(timer)
            if timer.delay_s == HOLD_S:
                timer.call()


class Talk:
    """A client and the connection it has."""

    def __init__(self, answer: Callable[[Request], Answer | Held]) -> None:
        self.client, self.ours = socket.socketpair()
        self.client.setblocking(False)
        self.server = FakeServer(answer)
        Connection(self.server, self.ours)

    def say(self, data: bytes) -> None:
        self.client.sendall(data)
        self.server.turn()

    def hear(self) -> bytes:
        data = b""
        while True:
            try:
                piece = self.client.recv(65536)
            except BlockingIOError:
                return data
            if not piece:
                return data + b"<end>"
            data += piece
            self.server.turn()

    @property
    def is_over(self) -> bool:
        return self.server.ready is None

    def leave(self) -> None:
        self.client.close()
        self.server.turn()


Start = Callable[[Callable[[Request], Answer | Held]], Talk]


@pytest.fixture
def start() -> Iterator[Start]:
    talks: list[Talk] = []

    def make(answer: Callable[[Request], Answer | Held]) -> Talk:
        talks.append(Talk(answer))
        return talks[-1]

    yield make
    for talk in talks:
        talk.client.close()
        talk.ours.close()


def echo(request: Request) -> Answer:
    return Answer(200, {"body": request.body.decode()})


def parsed(data: bytes) -> tuple[int, Any]:
    class Stream:
        def makefile(self, _: str) -> io.BytesIO:
            return io.BytesIO(data)

    answer = HTTPResponse(Stream())  # type: ignore[arg-type]
    answer.begin()
    return answer.status, json.loads(answer.read() or "null")


def test_requests_that_come_at_once_are_answered_in_order(start: Start) -> None:
    talk = start(echo)
    talk.say(b"".join(b"POST /x HTTP/1.1\r\nContent-Length: 1\r\n\r\n%d" % number for number in (1, 2)))
    first, second = talk.hear().split(b"HTTP/1.1 ")[1:]
    assert (b'"1"' in first, b'"2"' in second) == (True, True)


def test_the_client_is_asked_to_go_on_when_it_waits_for_that(start: Start) -> None:
    talk = start(echo)
    talk.say(b"POST /x HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
    assert talk.hear() == b"HTTP/1.1 100 Continue\r\n\r\n"
    talk.say(b"1")
    assert parsed(talk.hear()) == (200, {"body": "1"})


def test_a_connection_is_closed_behind_the_answer_where_the_client_wants_that(start: Start) -> None:
    talk = start(echo)
    talk.say(b"GET /x HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert talk.hear().endswith(b"<end>")
    assert talk.is_over


def test_a_client_that_leaves_is_forgotten_also_in_the_middle_of_a_request(start: Start) -> None:
    talk = start(echo)
    talk.say(b"POST /x HTTP/1.1\r\n")
    talk.leave()
    talk.server.turn()
    talk.server.turn()
    assert talk.is_over


def test_what_is_too_large_is_refused_and_may_be_said_to_its_end(start: Start) -> None:
    talk = start(echo)
    talk.say(b"POST /x HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY_LIMIT_BYTES + 1))
    status, content = parsed(talk.hear().removesuffix(b"<end>"))
    assert (status, "larger than" in content["message"]) == (413, True)
    talk.say(b"x" * 1000)
    assert not talk.is_over
    talk.leave()
    assert talk.is_over


def test_an_answer_that_is_not_read_is_sent_bit_by_bit(start: Start) -> None:
    talk = start(lambda _: Answer(200, {"body": "x" * 3_000_000}))
    talk.say(GET)
    data = talk.hear()
    while len(data) < 3_000_000:
        talk.server.turn()
        data += talk.hear()
    assert parsed(data)[1] == {"body": "x" * 3_000_000}
    talk.say(GET)
    assert talk.hear().startswith(b"HTTP/1.1 200")


def test_a_handler_that_fails_is_an_answer_and_the_connection_serves_on(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    def handle(request: Request) -> Answer:
        raise ValueError(f"cannot do {request.path}")

    talk = start(handle)
    for path in ("/1", "/2"):
        talk.say(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        status, content = parsed(talk.hear())
        assert (status, f"ValueError: cannot do {path}" in content["message"]) == (500, True)
    assert "cannot do /1" in capsys.readouterr().err


def late() -> Answer:
    return Answer(200, {"task_name": "late"})


def test_a_held_answer_that_comes_soon_is_like_any_other(start: Start) -> None:
    latch = Latch()
    talk = start(lambda _: Held(latch, late, shows_life=True))
    talk.say(GET)
    assert talk.hear() == b""
    latch.set()
    talk.server.turn()
    data = talk.hear()
    assert b"Content-Length: 20\r\n" in data
    assert parsed(data) == (200, {"task_name": "late"})
    assert all(timer.is_canceled for timer in talk.server.timers)


def test_who_waits_for_a_held_answer_hears_a_space_now_and_then(start: Start) -> None:
    latch = Latch()
    talk = start(lambda _: Held(latch, late, shows_life=True))
    talk.say(GET)
    for _ in range(3):
        talk.server.pass_hold()
    data = talk.hear()
    assert data.count(b"1\r\n \r\n") == 3
    latch.set()
    talk.server.turn()
    assert parsed(data + talk.hear()) == (200, {"task_name": "late"})
    talk.say(GET)
    assert parsed(talk.hear()) == (200, {"task_name": "late"})


def test_who_was_held_for_long_is_told_what_there_is_to_say_then(start: Start) -> None:
    latch = Latch()
    talk = start(lambda _: Held(latch, late, late=lambda: Answer(503, {"message": "not yet"})))
    talk.say(GET)
    talk.server.pass_hold()
    assert parsed(talk.hear()) == (503, {"message": "not yet"})
    latch.set()
    talk.server.turn()
    assert talk.hear() == b""
    talk.say(GET)
    assert parsed(talk.hear()) == (200, {"task_name": "late"})


def test_who_may_not_be_told_anything_is_held_as_long_as_it_takes(start: Start) -> None:
    latch = Latch()
    talk = start(lambda _: Held(latch, lambda: Answer(200)))
    talk.say(GET)
    talk.server.pass_hold()
    assert talk.hear() == b""
    latch.set()
    talk.server.turn()
    assert talk.hear() == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_a_client_that_leaves_without_its_answer_is_told_of_once(start: Start) -> None:
    left: list[int] = []
    latch = Latch()
    talk = start(lambda _: Held(latch, late, gone=lambda: left.append(1)))
    talk.say(GET)
    talk.leave()
    assert left == [1]
    latch.set()
    talk.server.turn()
    assert (left, talk.is_over) == ([1], True)


def test_a_client_that_has_its_answer_may_leave(start: Start) -> None:
    left: list[int] = []
    latch = Latch()
    latch.set()
    talk = start(lambda _: Held(latch, late, gone=lambda: left.append(1)))
    talk.say(GET)
    talk.leave()
    talk.server.turn()
    assert (left, talk.is_over) == ([], True)


def test_a_client_that_says_no_more_can_hear_its_answer(start: Start) -> None:
    latch = Latch()
    talk = start(lambda _: Held(latch, late))
    talk.say(GET)
    talk.client.shutdown(socket.SHUT_WR)
    talk.server.turn()
    latch.set()
    talk.server.turn()
    assert parsed(talk.hear().removesuffix(b"<end>")) == (200, {"task_name": "late"})


def test_little_is_read_ahead_while_an_answer_is_held(start: Start) -> None:
    talk = start(lambda _: Held(Latch(), late))
    talk.say(GET)
    taken = 0
    for _ in range(100):
        try:
            taken += talk.client.send(b"x" * 65536)
        except BlockingIOError:
            break
        talk.server.turn()
    else:
        pytest.fail(f"it took {taken} bytes")
