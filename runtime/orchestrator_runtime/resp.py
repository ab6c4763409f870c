"""The little of Redis's protocol that the shim speaks: commands as arrays, replies of RESP version 2."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any, Final

_CONNECT_TIMEOUT_S: Final = 5.0


class ReplyError(Exception):
    """The server refused a command."""


class Connection:
    """One connection, already authenticated. Every method raises OSError when it is broken."""

    def __init__(self, url: str, user: str, password: str, *, timeout_s: float) -> None:
        """Connect and log in; `timeout_s` bounds every later reply. Raises OSError or ReplyError."""
        self._socket = _connect(url)
        self._inode = os.fstat(self._socket.fileno()).st_ino
        self._socket.settimeout(timeout_s)
        self._replies = self._socket.makefile("rb")
        self.call("AUTH", user, password)

    def call(self, *words: str | bytes) -> Any:
        """Send one command and return its reply: text as bytes, lists as lists, nothing as None."""
        self._socket.sendall(encode(*words))
        return self._read()

    def close(self) -> None:
        """Close it; a call that waits in another thread ends with an error.

        User code may have closed its handle already and opened something else under the same number: that is left alone.
        """
        with contextlib.suppress(OSError):
            if os.fstat(self._socket.fileno()).st_ino == self._inode:
                self._socket.shutdown(socket.SHUT_RDWR)
                self._socket.close()
                return
        self._socket.detach()

    def _read(self) -> Any:
        line = self._replies.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionResetError("the channel was closed")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise ReplyError(rest.decode("utf-8", "replace"))
        if kind == b"$":
            return self._read_bulk(int(rest))
        if kind == b"*":
            return None if rest == b"-1" else [self._read() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest

    def _read_bulk(self, size: int) -> bytes | None:
        if size < 0:
            return None
        data = self._replies.read(size + 2)
        if len(data) != size + 2:
            raise ConnectionResetError("the channel was closed")
        return data[:-2]


def encode(*words: str | bytes) -> bytes:
    """A command as it goes over the wire."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word.encode() if isinstance(word, str) else word
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


def _connect(url: str) -> socket.socket:
    scheme, _, place = url.partition("://")
    if scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_CONNECT_TIMEOUT_S)
        connection.connect(place)
        return connection
    from urllib.parse import urlsplit  # 3 ms that a start with a line of its own does without

    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname or "", parts.port or 6379), _CONNECT_TIMEOUT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
