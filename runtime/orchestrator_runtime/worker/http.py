"""HTTP/1.1 on a unix socket, just as much as the worker protocol needs: whoever speaks is the user's own code.

Small, because it shares the process with user code, and `http.server` would cost every start 25 ms.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from orchestrator_runtime import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

HOLD_S: Final = 10.0
"""How long a request is held without a byte: every SDK gives up after 15 s, and some then try only fifteen times."""
BODY_LIMIT_BYTES: Final = 16 * 1024 * 1024
"""Base64 of the largest input or result, and room for a task that sends more to hear that it is too much."""
_LINE_LIMIT_BYTES: Final = 16 * 1024
_HEADERS_LIMIT: Final = 100
_LENGTH_DIGITS: Final = 18
_BACKLOG: Final = 128
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    409: "Conflict",
    413: "Content Too Large",
    500: "Internal Server Error",
    503: "Not Yet",
}


Headers = tuple[tuple[str, str], ...]

_JSON: Final[Headers] = (("Content-Type", "application/json"),)


class Request(NamedTuple):
    """`path` is without its query; `agent` is the program that asks, empty when it does not say."""

    method: str
    path: str
    body: bytes
    agent: str = ""


class Answer(NamedTuple):
    """`content` goes as JSON; None is an empty body. `headers` are further ones."""

    status: int
    content: dict[str, Any] | None = None
    headers: Headers = ()


class Held(NamedTuple):
    """An answer that there may not be for long: `wait` gives it, None when that takes more than so many seconds.

    Who waited for long gets its headers behind the body.
    """

    wait: Callable[[float], Answer | None]


class Malformed(Exception):  # noqa: N818
    """What arrived is not HTTP as we know it."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class WorkerServer:
    """One thread for each connection."""

    def __init__(self, path: str, handle: Callable[[Request], Answer | Held]) -> None:
        self.path = path
        self._handle = handle
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def start(self) -> None:
        """Listen; requests are answered from now on."""
        self._listener.bind(self.path)
        os.chmod(self.path, 0o777)  # the container is the border, not its users
        self._listener.listen(_BACKLOG)
        threading.Thread(target=self._accept, name="orchestrator worker", daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def remove(self) -> None:
        """Take the socket's file away."""
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # user code closed every handle: nobody can reach us any more
                return
            try:
                threading.Thread(
                    target=self._serve, args=(connection,), name="orchestrator worker", daemon=True
                ).start()
            except (
                RuntimeError
            ):  # the container has as many threads as it may: every SDK asks again, and some will have ended
                _refuse(connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
            while True:
                try:
                    received = read_request(stream)
                except Malformed as problem:
                    connection.sendall(_encode(Answer(problem.status, {"message": str(problem)}), keep=False))
                    return
                if received is None:
                    return
                request, keep = received
                answer = self._answered(request)
                if isinstance(answer, Held):
                    self._hold(connection, answer, keep=keep)
                else:
                    connection.sendall(_encode(answer, keep=keep))
                if not keep:
                    return

    def _hold(self, connection: socket.socket, held: Held, *, keep: bool) -> None:
        """Answer when there is something to say, and let spaces before the JSON show meanwhile that we are here."""
        answer = held.wait(HOLD_S)
        if answer is not None:
            connection.sendall(_encode(answer, keep=keep))
            return
        connection.sendall(_head(200, (("Transfer-Encoding", "chunked"), *_JSON), keep=keep) + _chunk(b" "))
        while (answer := held.wait(HOLD_S)) is None:
            connection.sendall(_chunk(b" "))
        connection.sendall(_chunk(json_text.encode(answer.content)) + _last_chunk(answer.headers))

    def _answered(self, request: Request) -> Answer | Held:
        """Every request has an answer: to a worker, silence would be a connection to try again."""
        try:
            return self._handle(request)
        except Exception as error:
            import traceback

            traceback.print_exc()
            return Answer(500, {"message": f"{request.method} {request.path} failed: {type(error).__name__}: {error}"})


def _refuse(connection: socket.socket) -> None:
    answer = Answer(503, {"message": "too many requests are waiting in this container: ask again"})
    with contextlib.suppress(OSError), connection:
        connection.sendall(_encode(answer, keep=False))


def read_request(stream: IO[bytes]) -> tuple[Request, bool] | None:
    """The next request and whether the connection stays open; None when the other side is done. Raises Malformed."""
    first = stream.readline(_LINE_LIMIT_BYTES)
    if not first.strip():
        return None
    words = first.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Malformed("the request line is not HTTP/1.1")
    headers = _headers(stream)
    body = _chunked(stream) if headers.get("transfer-encoding", "").lower() == "chunked" else _sized(stream, headers)
    keep = words[2] == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    request = Request(words[0], words[1].partition("?")[0], body, headers.get("user-agent", ""))
    return request, keep


def _headers(stream: IO[bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(_HEADERS_LIMIT):
        line = stream.readline(_LINE_LIMIT_BYTES).decode("latin-1").strip()
        if not line:
            return found
        name, _, value = line.partition(":")
        found[name.strip().lower()] = value.strip()
    raise Malformed("there are too many headers")


def _sized(stream: IO[bytes], headers: dict[str, str]) -> bytes:
    text = headers.get("content-length", "0")
    if not text.isdecimal() or len(text) > _LENGTH_DIGITS:
        raise Malformed("Content-Length is not a number")
    return _exactly(stream, int(text))


def _chunked(stream: IO[bytes]) -> bytes:
    body = b""
    while True:
        size = _chunk_size(stream)
        if size == 0:
            while stream.readline(_LINE_LIMIT_BYTES).strip():
                pass
            return body
        body += _exactly(stream, size, already=len(body))
        stream.readline(_LINE_LIMIT_BYTES)


def _chunk_size(stream: IO[bytes]) -> int:
    text = stream.readline(_LINE_LIMIT_BYTES).partition(b";")[0].strip()
    try:
        return int(text, 16)
    except ValueError:
        raise Malformed("a chunk has no size") from None


def _exactly(stream: IO[bytes], size: int, already: int = 0) -> bytes:
    if size < 0 or already + size > BODY_LIMIT_BYTES:
        raise Malformed(f"the body is larger than {BODY_LIMIT_BYTES} bytes", 413)
    data = stream.read(size)
    if len(data) < size:
        raise Malformed("the body ended too early")
    return data


def _encode(answer: Answer, *, keep: bool) -> bytes:
    body = b"" if answer.content is None else json_text.encode(answer.content)
    length = ("Content-Length", str(len(body)))
    return _head(answer.status, (length, *(_JSON if body else ()), *answer.headers), keep=keep) + body


def _head(status: int, headers: Headers, *, keep: bool) -> bytes:
    headers = headers if keep else (*headers, ("Connection", "close"))
    return "\r\n".join([f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}", *_fields(headers), "", ""]).encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _last_chunk(trailer: Headers) -> bytes:
    return "\r\n".join(["0", *_fields(trailer), "", ""]).encode()


def _fields(headers: Headers) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]
