"""Docker's log stream, decoded: frames → lines.

    one frame:   stream (1 byte: 1 stdout, 2 stderr, 3 the engine's own) · 3 zero bytes · length (4 bytes, big-endian) · payload
    one payload: timestamp · space · text

Docker cuts what a process prints after each newline and every 16 KiB, wherever that is in a character. The pieces of one line
have one time and are joined again here: a payload without a final newline is the beginning of a line whose rest follows on the
same stream, or, from the "local" driver, the end of one that had several pieces.

A line that was written over (by tqdm, pip, curl) is kept as it was at last; one that goes on for long, as it was after each piece.
"""

from __future__ import annotations

from typing import Final

from orchestrator.core.logs import LogLine, Stream
from orchestrator.engine.docker.timestamps import parse_timestamp_ns

LINE_LIMIT_BYTES: Final = 256 * 1024
"""A longer line goes on as the next line: a process may print for ever without a newline."""

HEADER_BYTES: Final = 8
_PIECE_BYTES: Final = 16 * 1024
"""Of every piece but the last."""
STREAMS: Final[dict[int, Stream]] = {0: "stdout", 1: "stdout", 2: "stderr"}
_ENGINE_STREAM: Final = 3
_OVER: Final = b"\r"
"""Goes back to the beginning of the line."""
_FIRST_OF_SEVERAL: Final = 0xC0
"""In UTF-8, the least byte that begins a character of several."""


class LogDecoder:
    """Turns the bytes of one stream, cut anywhere, into the lines printed after `since_ns`; for one thread."""

    def __init__(self, since_ns: int = 0) -> None:
        self.newest_ns = since_ns
        self._since_ns = since_ns
        self._rest = b""
        self._unfinished: dict[Stream, tuple[int, bytes]] = {}

    def feed(self, data: bytes) -> list[LogLine]:
        """The lines these bytes complete."""
        buffer = self._rest + data if self._rest else data
        lines: list[LogLine] = []
        start, end = 0, len(buffer)
        while end - start >= HEADER_BYTES:
            stop = start + HEADER_BYTES + int.from_bytes(buffer[start + 4 : start + 8], "big")
            if stop > end:
                break
            self._add(buffer[start], buffer[start + HEADER_BYTES : stop], lines)
            start = stop
        self._rest = buffer[start:]
        return lines

    def finish(self) -> list[LogLine]:
        """What was printed without a final newline."""
        lines: list[LogLine] = []
        for stream, (timestamp_ns, text) in sorted(self._unfinished.items(), key=lambda item: item[1][0]):
            self._emit(timestamp_ns, stream, text, lines)
        self._unfinished.clear()
        return lines

    def _add(self, kind: int, payload: bytes, lines: list[LogLine]) -> None:
        if kind == _ENGINE_STREAM:
            lines.append(LogLine(self.newest_ns, "system", payload.decode(errors="replace").strip()))
            return
        stamp, _, text = payload.partition(b" ")
        timestamp_ns, stream = parse_timestamp_ns(stamp.decode("ascii")), STREAMS[kind]
        is_end, goes_on = text.endswith(b"\n"), len(text) >= _PIECE_BYTES
        if stream in self._unfinished:
            begun_ns, beginning = self._unfinished.pop(stream)
            if begun_ns == timestamp_ns:
                is_end = is_end or len(text) < _PIECE_BYTES
                text = beginning + text
            else:
                self._emit(begun_ns, stream, beginning, lines)
        if is_end:
            self._emit(timestamp_ns, stream, text.removesuffix(b"\n"), lines)
            return
        if goes_on and _OVER in text:
            before, _, text = text.rpartition(_OVER)
            self._emit(timestamp_ns, stream, before, lines)
        if len(text) >= LINE_LIMIT_BYTES:
            part, text = _split_between_characters(text)
            self._emit(timestamp_ns, stream, part, lines)
        self._unfinished[stream] = timestamp_ns, text

    def _emit(self, timestamp_ns: int, stream: Stream, text: bytes, lines: list[LogLine]) -> None:
        if timestamp_ns > self._since_ns:
            lines.append(LogLine(timestamp_ns, stream, last_state(text).decode(errors="replace")))
            self.newest_ns = max(self.newest_ns, timestamp_ns)


def last_state(text: bytes) -> bytes:
    """What a screen would show of a line that was written over."""
    return text.rstrip(_OVER).rpartition(_OVER)[2] if _OVER in text else text


def _split_between_characters(text: bytes) -> tuple[bytes, bytes]:
    """All whole characters, and the beginning of one that the text ends in; what is no UTF-8 is whole."""
    for length in range(1, min(4, len(text) + 1)):
        first = text[-length]
        if first >= _FIRST_OF_SEVERAL:
            is_whole = length >= (2 if first < 0xE0 else 3 if first < 0xF0 else 4)
            return (text, b"") if is_whole else (text[:-length], text[-length:])
    return text, b""
