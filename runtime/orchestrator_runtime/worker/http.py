"""HTTP/1.1, just as much as the worker protocol needs: bytes in, requests out, answers as bytes. Nothing here does I/O.

Small, because it shares the process with user code, and `http.server` would cost every start 25 ms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from orchestrator_runtime import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from orchestrator_runtime.latch import Latch

BODY_LIMIT_BYTES: Final = 16 * 1024 * 1024
"""Base64 of the largest input or result, and room for a task that sends more to hear that it is too much."""
LINE_LIMIT_BYTES: Final = 16 * 1024
HEADERS_LIMIT: Final = 100
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
"""What a client waits for that would know whether its body is wanted."""
_LENGTH_DIGITS: Final = 18
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    409: "Conflict",
    413: "Content Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
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
    """An answer that there is once `until` has happened.

    After a while without it, the request is answered with `late`, where there is one; or, where it `shows_life`, spaces before
    the answer's JSON say now and then that we are here, and its headers come behind the body; else nothing is said.
    `gone` is called when the client leaves before it has an answer.
    """

    until: Latch
    answer: Callable[[], Answer]
    late: Callable[[], Answer] | None = None
    shows_life: bool = False
    gone: Callable[[], None] = lambda: None


class Malformed(Exception):  # noqa: N818
    """What arrived is not HTTP as we know it."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Received(NamedTuple):
    """A request, and whether its connection stays open."""

    request: Request
    keep: bool


class Reader:
    """Cuts bytes, in whatever pieces they come, into requests."""

    __slots__ = ("_data", "_is_at_end", "_need", "_request", "_seen")

    def __init__(self) -> None:
        self._data = bytearray()
        self._seen = 0
        self._request: Generator[int, bytes, Received] | None = None
        self._need = _LINE
        self._is_at_end = False

    def __len__(self) -> int:
        """How many bytes wait to be read."""
        return len(self._data)

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._data += data

    def end(self) -> None:
        """Nothing more will."""
        self._is_at_end = True

    def next(self) -> Received | bytes | None:
        """The next request; `CONTINUE`, to be sent before there can be one; None while there is none. Raises Malformed."""
        while True:
            if self._request is None:
                if not self._begin():
                    return None
                self._request = _request()
                self._need = next(self._request)
            piece = b"" if self._need == _TOLD else self._piece()
            if piece is None:
                return None
            try:
                self._need = self._request.send(piece)
            except StopIteration as complete:
                self._request = None
                return complete.value  # type: ignore[no-any-return]
            if self._need == _TOLD and not self._data:
                return CONTINUE

    def _begin(self) -> bool:
        """Whether there is a request's first byte: some clients send an empty line behind a body."""
        while self._data.startswith((b"\r", b"\n")):
            del self._data[:1]
        return bool(self._data)

    def _piece(self) -> bytes | None:
        """What the request needs next, None while it is not there."""
        size = self._need if self._need != _LINE else self._line()
        if size is None or len(self._data) < size:
            if self._is_at_end:
                raise Malformed("the request ended too early")
            return None
        piece = bytes(self._data[:size])
        del self._data[:size]
        self._seen = 0
        return piece

    def _line(self) -> int | None:
        """The length of the line that begins here, None while it has no end."""
        end = self._data.find(b"\n", self._seen, LINE_LIMIT_BYTES)
        if end < 0 and len(self._data) >= LINE_LIMIT_BYTES:
            raise Malformed(f"a line is longer than {LINE_LIMIT_BYTES} bytes")
        self._seen = len(self._data)
        return None if end < 0 else end + 1


# --- a request, from its pieces: what it yields is how many bytes it needs next -------------------------------------

_LINE: Final = -1
"""A line, however long it is."""
_TOLD: Final = -2
"""Nothing; but whoever waits for the word to go on must hear it now."""


def _request() -> Generator[int, bytes, Received]:
    words = (yield _LINE).decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Malformed("the request line is not HTTP/1.1")
    headers = yield from _headers()
    if headers.get("expect", "").lower() == "100-continue":
        yield _TOLD
    body = yield from _body(headers)
    keep = words[2] == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    return Received(Request(words[0], words[1].partition("?")[0], body, headers.get("user-agent", "")), keep)


def _headers() -> Generator[int, bytes, dict[str, str]]:
    found: dict[str, str] = {}
    for _ in range(HEADERS_LIMIT):
        line = (yield _LINE).decode("latin-1").strip()
        if not line:
            return found
        name, _, value = line.partition(":")
        found[name.strip().lower()] = value.strip()
    raise Malformed("there are too many headers")


def _body(headers: dict[str, str]) -> Generator[int, bytes, bytes]:
    coding = headers.get("transfer-encoding", "").lower()
    if coding == "chunked":
        return (yield from _chunked())
    if coding:
        raise Malformed(f"Transfer-Encoding '{coding}' is not supported", 501)
    text = headers.get("content-length", "0")
    if not text.isdecimal() or len(text) > _LENGTH_DIGITS:
        raise Malformed("Content-Length is not a number")
    return (yield from _exactly(int(text)))


def _chunked() -> Generator[int, bytes, bytes]:
    body = bytearray()
    while size := _chunk_size((yield _LINE)):
        body += yield from _exactly(size, already=len(body))
        if (yield _LINE).strip():
            raise Malformed("a chunk is longer than it says")
    while (yield _LINE).strip():
        pass
    return bytes(body)


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0].strip(), 16)
    except ValueError:
        raise Malformed("a chunk has no size") from None


def _exactly(size: int, already: int = 0) -> Generator[int, bytes, bytes]:
    if size < 0 or already + size > BODY_LIMIT_BYTES:
        raise Malformed(f"the body is larger than {BODY_LIMIT_BYTES} bytes", 413)
    return (yield size)


# --- answers --------------------------------------------------------------------------------------------------------


def encode(answer: Answer, *, keep: bool) -> bytes:
    """The whole answer; `keep` as in `Received`."""
    body = b"" if answer.content is None else json_text.encode(answer.content)
    length = ("Content-Length", str(len(body)))
    return _head(answer.status, (length, *(_JSON if body else ()), *answer.headers), keep=keep) + body


def begin(*, keep: bool) -> bytes:
    """The head of an answer whose JSON, and headers, will come later, and a first sign of life."""
    return _head(200, (("Transfer-Encoding", "chunked"), *_JSON), keep=keep) + SIGN_OF_LIFE


def finish(answer: Answer) -> bytes:
    """The rest of an answer that has begun."""
    return _chunk(json_text.encode(answer.content)) + _last_chunk(answer.headers)


def _head(status: int, headers: Headers, *, keep: bool) -> bytes:
    headers = headers if keep else (*headers, ("Connection", "close"))
    return "\r\n".join([f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}", *_fields(headers), "", ""]).encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _last_chunk(trailer: Headers) -> bytes:
    return "\r\n".join(["0", *_fields(trailer), "", ""]).encode()


def _fields(headers: Headers) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]


SIGN_OF_LIFE: Final = _chunk(b" ")
