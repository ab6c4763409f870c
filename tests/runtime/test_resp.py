from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator_runtime.resp import Connection, ReplyError, encode


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives the prepared replies, one for each command."""
    path = tmp_path / "s"
    replies: list[bytes] = [b"+OK\r\n"]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            while replies and connection.recv(65536):
                connection.sendall(replies.pop(0))

    thread = threading.Thread(target=answer)
    thread.start()
    yield f"unix://{path}", replies
    thread.join(5)
    listener.close()


def test_commands_are_arrays_of_bulk_strings() -> None:
    assert encode("XADD", "k", b"\x00") == b"*3\r\n$4\r\nXADD\r\n$1\r\nk\r\n$1\r\n\x00\r\n"


def test_every_kind_of_reply_is_read(server: tuple[str, list[bytes]]) -> None:
    url, replies = server
    replies += [b"$2\r\nhi\r\n", b"$-1\r\n", b":42\r\n", b"*2\r\n$1\r\na\r\n*1\r\n:1\r\n", b"*-1\r\n"]
    connection = Connection(url, "u", "p", timeout_s=5)
    assert [connection.call("X") for _ in range(5)] == [b"hi", None, 42, [b"a", [1]], None]
    connection.close()


def test_a_refusal_is_an_error_with_the_servers_words(server: tuple[str, list[bytes]]) -> None:
    url, replies = server
    replies += [b"-NOPERM no\r\n"]
    connection = Connection(url, "u", "p", timeout_s=5)
    with pytest.raises(ReplyError, match="NOPERM no"):
        connection.call("X")
    connection.close()


def test_a_connection_cut_in_the_middle_of_a_reply_is_an_os_error(server: tuple[str, list[bytes]]) -> None:
    url, replies = server
    replies += [b"$100\r\nshort"]
    connection = Connection(url, "u", "p", timeout_s=5)
    with pytest.raises(OSError, match="closed"):
        connection.call("X")
    connection.close()
