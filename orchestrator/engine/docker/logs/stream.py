"""One GET to Docker whose answer goes on and on, read by one thread over a socket of its own.

HTTP/1.0, because its body is simply all bytes until the connection ends: with HTTP/1.1 every log line is a chunk to be unwrapped,
and a read that timed out spoils the connection.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import ExitStack, suppress
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from orchestrator.engine.base import CALL_TIMEOUT_S
from orchestrator.engine.docker.errors import refused, translated

_READ_BYTES: Final = 256 * 1024
_HEAD_LIMIT_BYTES: Final = 64 * 1024


class DockerStream:
    """The body of ``GET path``; everything but `close` belongs to one thread. Raises EngineError.

    Entering connects and reads the answer's head: from then on Docker has accepted the request.
    """

    def __init__(self, url: str, path: str, action: str) -> None:
        self.action = action
        self._url, self._path = url, path
        self._socket: socket.socket | None = None
        self._closed = False
        self._first = b""

    def __enter__(self) -> DockerStream:
        with ExitStack() as undo, translated(self.action, self._url):
            self._socket = connect(self._url)
            undo.callback(self._socket.close)
            self._socket.sendall(f"GET {self._path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
            status, self._first = self._read_head()
            if status != HTTPStatus.OK:
                raise refused(self.action, status, self._read_rest())
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def read(self, timeout_s: float | None = None) -> bytes | None:
        """The next bytes; empty at the end or after `close`, None when there were none for `timeout_s`."""
        if self._first:
            first, self._first = self._first, b""
            return first
        if self._closed or self._socket is None:
            return b""
        with translated(self.action, self._url):
            self._socket.settimeout(timeout_s)
            try:
                return self._socket.recv(_READ_BYTES)
            except TimeoutError:
                return None

    def close(self) -> None:
        """End a read in progress, from any thread.

        The socket itself is given back by the reading thread: its number could be another connection's at once.
        """
        self._closed = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _read_head(self) -> tuple[int, bytes]:
        assert self._socket is not None
        data = b""
        while b"\r\n\r\n" not in data:
            more = self._socket.recv(4096)
            if not more or len(data) > _HEAD_LIMIT_BYTES:
                raise ConnectionError("the answer was cut short")
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        return int(head.split(None, 2)[1]), body

    def _read_rest(self) -> str:
        data = b""
        while (more := self.read(CALL_TIMEOUT_S)) and len(data) < _HEAD_LIMIT_BYTES:
            data += more
        return data.decode(errors="replace")


def connect(url: str) -> socket.socket:
    """A connection to Docker's ``unix://``, ``tcp://`` or ``https://`` address. Raises OSError."""
    parts = urlsplit(url)
    if parts.scheme in ("unix", "http+unix"):
        return _connect_unix(parts.path)
    connection = socket.create_connection((parts.hostname or "localhost", parts.port or 2375), timeout=CALL_TIMEOUT_S)
    if parts.scheme != "https":
        return connection
    return ssl.create_default_context().wrap_socket(connection, server_hostname=parts.hostname)


def _connect_unix(path: str) -> socket.socket:
    with ExitStack() as undo:
        connection = undo.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        connection.settimeout(CALL_TIMEOUT_S)
        connection.connect(path)
        undo.pop_all()
    return connection
