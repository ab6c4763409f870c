"""Lines that are written over again and again, as tqdm's: Docker hands over whole lines alone, so their state is told beside."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LOOKED_AT_CHARS: Final = 4096


def watch(say: Callable[[str], None]) -> None:
    """Tell what this process writes over on stdout and stderr, from now on; the streams get all of it as ever."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            _watch(stream, say)


def _watch(stream: Any, say: Callable[[str], None]) -> None:
    write, line = stream.write, ""

    def watched(text: str) -> int:
        nonlocal line
        if isinstance(text, str) and text:
            line = text.rpartition("\n")[2] if "\n" in text else (line + text)[-_LOOKED_AT_CHARS:]
            if "\r" in line and (state := last_state(line)):
                line = f"\r{state}\r" if line.endswith("\r") else f"\r{state}"
                say(state)
        written: int = write(text)
        return written

    stream.write = watched


def last_state(text: str) -> str:
    """What a screen would show of a line after this was written; empty when nothing of it is written over."""
    line = text.rpartition("\n")[2]
    states = [state for state in _ESCAPES.sub("", line).split("\r") if state.strip()]
    return states[-1].strip() if "\r" in line and states else ""
