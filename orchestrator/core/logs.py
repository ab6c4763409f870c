"""What a container printed, line by line."""

from __future__ import annotations

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
