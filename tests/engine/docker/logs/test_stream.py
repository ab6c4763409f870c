from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestrator.engine.base import EngineError, EngineUnavailable
from orchestrator.engine.docker.logs.stream import DockerStream


@contextmanager
def answering(path: Path, *parts: bytes) -> Iterator[tuple[str, threading.Event]]:
    """A server that sends the parts to its first client, then waits for the event before it hangs up; its URL."""
    over = threading.Event()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(65_536)
                for part in parts:
                    client.sendall(part)
                over.wait(60)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"unix://{path}", over
        finally:
            over.set()
            thread.join()


def test_the_body_is_all_that_comes_until_the_connection_ends(tmp_path: Path) -> None:
    head = b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nfirst"
    with answering(tmp_path / "s", head, b" second") as (url, over), DockerStream(url, "/logs", "read") as stream:
        over.set()
        assert b"".join(iter(lambda: stream.read() or b"", b"")) == b"first second"


def test_a_refusal_is_an_error_in_the_engines_words(tmp_path: Path) -> None:
    answer = b'HTTP/1.0 500 Oops\r\n\r\n{"message": "disk is full"}'
    with answering(tmp_path / "s", answer) as (url, over):
        over.set()
        with pytest.raises(EngineError, match="disk is full"), DockerStream(url, "/logs", "read"):
            pass


def test_a_read_may_give_up(tmp_path: Path) -> None:
    with (
        answering(tmp_path / "s", b"HTTP/1.0 200 OK\r\n\r\n") as (url, _),
        DockerStream(url, "/logs", "read") as stream,
    ):
        assert stream.read(timeout_s=0.01) is None


def test_closing_ends_a_read_on_another_thread(tmp_path: Path) -> None:
    found: list[bytes | None] = []
    with (
        answering(tmp_path / "s", b"HTTP/1.0 200 OK\r\n\r\n") as (url, _),
        DockerStream(url, "/logs", "read") as stream,
    ):
        reader = threading.Thread(target=lambda: found.append(stream.read()))
        reader.start()
        stream.close()
        reader.join(60)
    assert found == [b""]


def test_an_engine_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable), DockerStream(f"unix://{tmp_path}/no", "/logs", "read"):
        pass
