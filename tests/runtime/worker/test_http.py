"""Requests as they arrive from a worker, whole and broken."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator_runtime.worker import http as worker_http
from orchestrator_runtime.worker.http import (
    BODY_LIMIT_BYTES,
    Answer,
    Held,
    Malformed,
    Request,
    WorkerServer,
    read_request,
)


def read(text: bytes) -> tuple[Request, bool] | None:
    return read_request(io.BytesIO(text))


def test_the_query_is_not_part_of_the_path() -> None:
    found = read(b"GET /input?sdk_started_at=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert found == (Request("GET", "/input", b""), True)


def test_a_body_has_its_length() -> None:
    found = read(b"POST /callback HTTP/1.1\r\ncontent-length: 2\r\nConnection: close\r\n\r\n{}")
    assert found == (Request("POST", "/callback", b"{}"), False)


def test_a_body_may_come_in_chunks() -> None:
    found = read(
        b"POST /callback HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\n{\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n"
    )
    assert found == (Request("POST", "/callback", b"{}"), True)


def test_a_closed_connection_is_no_request() -> None:
    assert read(b"") is None


@pytest.mark.parametrize(
    "text",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    ],
)
def test_what_is_not_http_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        read(text)


@pytest.mark.parametrize(
    "head", [f"Content-Length: {BODY_LIMIT_BYTES + 1}\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n"]
)
def test_a_body_that_is_too_large_is_refused_before_it_is_read(head: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(b"POST / HTTP/1.1\r\n" + head.encode())
    assert refused.value.status == 413


@given(st.binary(max_size=300))
def test_no_bytes_do_worse_than_being_refused(text: bytes) -> None:
    with contextlib.suppress(Malformed):
        read(text)


Connect = Callable[[], socket.socket]


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Connect]:
    """Connects to a server that answers with what it was asked."""
    server = WorkerServer(
        str(tmp_path / "w.sock"), lambda asked: Answer(200, {"body": asked.body.decode()} if asked.body else None)
    )
    server.start()
    open_ones: list[socket.socket] = []

    def make() -> socket.socket:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(10)
        client.connect(server.path)
        open_ones.append(client)
        return client

    yield make
    for client in open_ones:
        client.close()
    server.close()
    server.remove()


def post(body: str) -> bytes:
    return f"POST /x HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_a_connection_serves_one_request_after_the_other(connect: Connect) -> None:
    client = connect()
    for number in ("1", "2"):
        client.sendall(post(number))
        head, _, body = client.recv(4096).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK")
        assert json.loads(body) == {"body": number}


def test_an_empty_answer_has_no_body(connect: Connect) -> None:
    client = connect()
    client.sendall(b"GET /x HTTP/1.1\r\n\r\n")
    assert client.recv(4096) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_who_sends_garbage_is_told_so_and_disconnected_while_others_are_served(connect: Connect) -> None:
    bad, good = connect(), connect()
    bad.sendall(b"\x00\xff\r\n\r\n")
    assert b"400 Bad Request" in bad.recv(4096)
    assert bad.recv(4096) == b""
    good.sendall(post("still here"))
    assert b"still here" in good.recv(4096)


def test_who_comes_when_there_is_no_thread_left_is_told_to_come_again_and_then_served(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as crowded:
        crowded.setattr(threading.Thread, "start", start)
        assert connect().recv(4096).startswith(b"HTTP/1.1 503 ")
    client = connect()
    client.sendall(post("served"))
    assert b"served" in client.recv(4096)


@pytest.fixture
def ask_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int], tuple[HTTPResponse, bytes]]]:
    """Asks a server that has its answer after so many looks."""
    monkeypatch.setattr(worker_http, "HOLD_S", 0.01)
    looks: list[float] = []
    wanted = 1

    def wait(within_s: float) -> Answer | None:
        looks.append(within_s)
        return Answer(200, {"task_name": "late"}) if len(looks) >= wanted else None

    server = WorkerServer(str(tmp_path / "held.sock"), lambda asked: Held(wait))
    server.start()

    def ask(looks_until_there: int) -> tuple[HTTPResponse, bytes]:
        nonlocal wanted
        wanted = looks_until_there
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(10)
            client.connect(server.path)
            client.sendall(b"GET /input HTTP/1.1\r\n\r\n")
            answer = HTTPResponse(client)
            answer.begin()
            return answer, answer.read()

    yield ask
    server.close()
    server.remove()


def test_a_held_answer_that_comes_soon_is_like_any_other(
    ask_holder: Callable[[int], tuple[HTTPResponse, bytes]],
) -> None:
    answer, body = ask_holder(1)
    assert (answer.status, answer.getheader("Content-Length"), json.loads(body)) == (200, "20", {"task_name": "late"})


def test_who_waits_for_a_held_answer_hears_a_space_now_and_then(
    ask_holder: Callable[[int], tuple[HTTPResponse, bytes]],
) -> None:
    answer, body = ask_holder(4)
    assert (answer.status, body[:3], json.loads(body)) == (200, b"   ", {"task_name": "late"})


def test_a_handler_that_fails_is_an_answer_and_the_connection_serves_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def handle(asked: Request) -> Answer:
        raise ValueError(f"cannot do {asked.body.decode()}")

    server = WorkerServer(str(tmp_path / "w.sock"), handle)
    server.start()
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as client:
        client.settimeout(10)
        client.connect(server.path)
        for number in ("1", "2"):
            client.sendall(post(number))
            head, _, body = client.recv(4096).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 500 Internal Server Error")
            assert f"ValueError: cannot do {number}" in json.loads(body)["message"]
    server.close()
    server.remove()
    assert "cannot do 1" in capsys.readouterr().err
