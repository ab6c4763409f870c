"""Lines that are begun and not ended, as they are now: of what Docker passes on while a container prints it.

The frames are those of its log, without timestamps, and a payload is what was read from it at once: a part of a line, or many.
"""

from __future__ import annotations

import re
from typing import Final

from orchestrator.core.logs import Stream, Unfinished
from orchestrator.engine.base import UNFINISHED_BYTES
from orchestrator.engine.docker.logs.frames import HEADER_BYTES, STREAMS, last_state

_ERASES: Final = re.compile(rb"\x1b\[[0-2]?K")
"""What is erased is what the next words are written over."""


class UnfinishedLines:
    """Holds at most twice UNFINISHED_BYTES of each stream, however long a line becomes."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: dict[Stream, bytearray] = {}

    def feed(self, data: bytes) -> None:
        """Take the next bytes, cut anywhere."""
        buffer = self._rest + data if self._rest else data
        start, end = 0, len(buffer)
        while end - start >= HEADER_BYTES:
            stop = start + HEADER_BYTES + int.from_bytes(buffer[start + 4 : start + 8], "big")
            if stop > end:
                break
            if stream := STREAMS.get(buffer[start]):
                self._add(stream, buffer[start + HEADER_BYTES : stop])
            start = stop
        self._rest = buffer[start:]

    def now(self) -> Unfinished:
        """The state of each line."""
        return {stream: _shown(line[-UNFINISHED_BYTES:]) for stream, line in self._lines.items() if line}

    def _add(self, stream: Stream, payload: bytes) -> None:
        line = self._lines.setdefault(stream, bytearray())
        if (end := payload.rfind(b"\n")) >= 0:
            line.clear()
            payload = payload[end + 1 :]
        line += payload
        if len(line) > 2 * UNFINISHED_BYTES:
            del line[:-UNFINISHED_BYTES]


def _shown(line: bytearray) -> str:
    """Without the beginning of a character whose end has not come."""
    return last_state(_ERASES.sub(b"", line)).decode(errors="ignore")
