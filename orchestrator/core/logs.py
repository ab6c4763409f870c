"""What a container printed, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Stream = Literal["stdout", "stderr", "system"]
"""``system`` lines are ours: steps of a build, notices of what was left out."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, without its newline; `timestamp_ns` is the engine's clock."""

    timestamp_ns: int
    stream: Stream
    message: str


Unfinished = Mapping[Stream, str]
"""The lines that are begun and not ended, as a screen would show them; a stream whose last line has ended is not there."""
