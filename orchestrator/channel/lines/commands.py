"""What a shim may say on its socket: three commands in the protocol of Redis, each in one shape.

Shims of every release speak it, so the other end may be a Redis or this process. It is read by hand, for what a container sends
is hostile until shown otherwise: no command is longer, and none has more words, than those three need.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from orchestrator_runtime import wire

WORDS_LIMIT: Final = 9
"""Those of XREAD, the longest."""
WORD_LIMIT_BYTES: Final = wire.FRAME_LIMIT_BYTES
COMMAND_LIMIT_BYTES: Final = WORD_LIMIT_BYTES + 1024
_HEADER_LIMIT_BYTES: Final = 16
"""Of a line that says how many words, or how many bytes of one, follow."""
BLOCK_LIMIT_MS: Final = 60_000


class Malformed(ValueError):  # noqa: N818
    """No shim says that; the message is a part of a sentence."""


class Auth(NamedTuple):
    user: bytes
    password: bytes


class Append(NamedTuple):
    """Add a frame to the stream it may append to."""

    stream: bytes
    frame: bytes


class Read(NamedTuple):
    """Give at most `most` frames that follow on the number `after`; wait `block_ms` where there is none."""

    most: int
    block_ms: int
    stream: bytes
    after: int


Command = Auth | Append | Read


class Reader:
    """Cuts bytes, in whatever pieces they come, into commands."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0
        self._words: list[bytes] = []
        self._missing = 0

    def __len__(self) -> int:
        """How many bytes wait to be read."""
        return len(self._data) - self._at

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._data += data

    def next(self) -> Command | None:
        """The next command, None while it is not complete. Raises Malformed."""
        if not self._missing and not self._begin():
            return None
        while self._missing:
            word = self._word()
            if word is None:
                return None
            self._words.append(word)
            self._missing -= 1
        words, self._words = self._words, []
        self._forget()
        return _understood(words)

    def _begin(self) -> bool:
        count = self._header(b"*")
        if count is None:
            return False
        if not 1 <= count <= WORDS_LIMIT:
            raise Malformed(f"a command of {count} words")
        self._missing = count
        return True

    def _word(self) -> bytes | None:
        before = self._at
        size = self._header(b"$")
        if size is None:
            return None
        if not 0 <= size <= WORD_LIMIT_BYTES:
            raise Malformed(f"a word of {size} bytes; the limit is {WORD_LIMIT_BYTES}")
        end = self._at + size
        if len(self._data) < end + 2:
            self._at = before
            return None
        word = bytes(self._data[self._at : end])
        if self._data[end : end + 2] != b"\r\n":
            raise Malformed("a word longer than it says")
        self._at = end + 2
        return word

    def _header(self, kind: bytes) -> int | None:
        """The number in the line that begins here, None while the line is not complete."""
        end = self._data.find(b"\r\n", self._at, self._at + _HEADER_LIMIT_BYTES)
        if end < 0:
            if len(self) >= _HEADER_LIMIT_BYTES:
                raise Malformed("what is no command")
            return None
        line = bytes(self._data[self._at : end])
        if line[:1] != kind:
            raise Malformed("what is no command")
        self._at = end + 2
        return _number(line[1:])

    def _forget(self) -> None:
        """Give back the memory of what was read, once it is worth the move."""
        if self._at == len(self._data) or self._at > WORD_LIMIT_BYTES // 64:
            del self._data[: self._at]
            self._at = 0


def _number(text: bytes) -> int:
    if not text.isdigit():
        raise Malformed("what is no number where one belongs")
    return int(text)


def _understood(words: Sequence[bytes]) -> Command:
    match [words[0].upper(), *words[1:]]:
        case [b"AUTH", user, password]:
            return Auth(user, password)
        case [b"XADD", stream, b"*", field, frame] if field == wire.FRAME_FIELD.encode():
            return Append(stream, frame)
        case [b"XREAD", b"COUNT", count, b"BLOCK", block_ms, b"STREAMS", stream, after] if len(after) <= 32:
            return Read(_number(count[:9]), min(_number(block_ms[:9]), BLOCK_LIMIT_MS), stream, position(after))
    raise Malformed("a command that no shim sends")


def position(text: bytes) -> int:
    """The number of an entry, whose name is ``number-0``."""
    return _number(text.partition(b"-")[0])


# --- answers ---

OK: Final = b"+OK\r\n"
NOTHING: Final = b"*-1\r\n"
WRONG_PASSWORD: Final = b"-WRONGPASS this is not the container's password\r\n"


def entry_name(number: int) -> bytes:
    """How an entry is called on the wire."""
    return b"%d-0" % number


def bulk(data: bytes) -> bytes:
    """One piece of data as an answer, or a part of one."""
    return b"$%d\r\n%b\r\n" % (len(data), data)


def entries(stream: bytes, frames: Sequence[tuple[int, bytes]]) -> list[bytes]:
    """The answer to a Read, in parts that need not be copied into one."""
    parts = [b"*1\r\n*2\r\n", bulk(stream), b"*%d\r\n" % len(frames)]
    field = bulk(wire.FRAME_FIELD.encode())
    for number, frame in frames:
        parts += [b"*2\r\n", bulk(entry_name(number)), b"*2\r\n", field, b"$%d\r\n" % len(frame), frame, b"\r\n"]
    return parts
