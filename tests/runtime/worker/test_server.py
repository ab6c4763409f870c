"""The worker's socket, as clients meet it."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator_runtime.latch import Latch
from orchestrator_runtime.worker.http import Answer, Held, Request
from orchestrator_runtime.worker.listener import listen
from orchestrator_runtime.worker.server import WorkerServer
from tests.wait import until

Connect = Callable[[], socket.socket]


class Asked:
    """Answers with what it was asked, at once; what asks to be held, when the test opens the latch."""

    def __init__(self) -> None:
        self.latch = Latch()
        self.held = 0
        self.threads: set[int] = set()

    def handle(self, request: Request) -> Answer | Held:
        self.threads.add(threading.get_ident())
        if request.path != "/held":
            return Answer(200, {"body": request.body.decode()})
        self.held += 1
        return Held(self.latch, lambda: Answer(200, {"body": "at last"}))


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def connect(tmp_path: Path, asked: Asked) -> Iterator[Connect]:
    server = WorkerServer(socket.socket(fileno=listen(str(tmp_path / "w.sock"))), asked.handle)
    server.start()
    with contextlib.ExitStack() as open_ones:

        def make() -> socket.socket:
            client = open_ones.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            client.settimeout(10)
            client.connect(server.path)
            return client

        yield make
        server.close()
        server.remove()


def post(body: str) -> bytes:
    return f"POST /x HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def heard(client: socket.socket) -> str:
    head, _, body = client.recv(4096).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK"), head
    return str(json.loads(body)["body"])


def test_a_connection_serves_one_request_after_the_other(connect: Connect) -> None:
    client = connect()
    for number in ("1", "2"):
        client.sendall(post(number))
        assert heard(client) == number


def test_a_request_that_comes_slowly_keeps_nobody_waiting(connect: Connect) -> None:
    slow, quick = connect(), connect()
    slow.sendall(post("slow")[:-2])
    quick.sendall(post("quick"))
    assert heard(quick) == "quick"
    slow.sendall(post("slow")[-2:])
    assert heard(slow) == "slow"


def test_who_sends_garbage_is_told_so_and_disconnected_while_others_are_served(connect: Connect) -> None:
    bad, good = connect(), connect()
    bad.sendall(b"\x00\xff\r\n\r\n")
    assert b"400 Bad Request" in bad.recv(4096)
    assert bad.recv(4096) == b""
    good.sendall(post("still here"))
    assert heard(good) == "still here"


CROWD = """
import resource, socket, sys
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
waiting = []
for _ in range(int(sys.argv[2])):
    waiting.append(socket.socket(socket.AF_UNIX))
    waiting[-1].connect(sys.argv[1])
    waiting[-1].sendall(b"GET /held HTTP/1.1\\r\\n\\r\\n")
print(sum(b"at last" in client.recv(4096) for client in waiting))
"""
"""A process of its own: both ends of so many connections are more files than many hosts let one have."""


def test_ten_thousand_requests_are_held_by_one_thread_while_others_are_answered(
    tmp_path: Path, connect: Connect, asked: Asked
) -> None:
    threads, count = threading.active_count(), 10_000
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    command = [sys.executable, "-c", CROWD, str(tmp_path / "w.sock"), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as crowd:
        until(lambda: asked.held == count, "all to be held")
        assert threading.active_count() == threads
        last = connect()
        last.sendall(post("meanwhile"))
        assert heard(last) == "meanwhile"
        asked.latch.set()
        assert crowd.communicate()[0] == f"{count}\n"
    assert len(asked.threads) == 1


def test_who_comes_when_no_file_can_be_opened_is_served_when_one_can(connect: Connect) -> None:
    before = connect()
    before.sendall(post("before"))
    assert heard(before) == "before"
    late = connect_without_room(connect)
    late.sendall(post("after"))
    assert heard(late) == "after"


def connect_without_room(connect: Connect) -> socket.socket:
    """Connects when the process has just one file left, which the client takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.closing(socket.socket()) as probe:
        free = probe.fileno()
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, hard))
    try:
        return connect()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_closed_server_ends_its_connections(tmp_path: Path, asked: Asked) -> None:
    server = WorkerServer(socket.socket(fileno=listen(str(tmp_path / "w.sock"))), asked.handle)
    server.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(server.path)
        client.sendall(b"GET /held HTTP/1.1\r\n\r\n")
        until(lambda: asked.held == 1, "it to be held")
        server.close()
        assert client.recv(1) == b""
