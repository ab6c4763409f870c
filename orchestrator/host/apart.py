"""What would keep the event loop for long is computed by a process of its own.

A thread would not do: JSON is read and written in one piece, in which no other thread gets its turn.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple

from anyio import BrokenWorkerProcess, to_process

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_QUICK_BYTES: Final = 128 * 1024
"""The slowest text of that length, numbers of thousands of digits, is read and written in 15 ms."""
_QUICK_VALUES: Final = 10_000
"""So many are read and written in 12 ms."""
_NICENESS: Final = 10
TIMEOUT_S: Final = 60.0
"""With the wait for its turn."""


class TooMuch(RuntimeError):  # noqa: N818
    """The process that was to compute it did not survive that."""


def is_quick(text: bytes | str) -> bool:
    """Whether a JSON text can be read on the event loop: it is short, and has few values."""
    return len(text) <= _QUICK_BYTES and values_in(text) <= _QUICK_VALUES


def values_in(text: bytes | str) -> int:
    """How many values a JSON text has, at most: what looks like one may be in a string."""
    marks = (b",", b"[", b"{") if isinstance(text, bytes) else (",", "[", "{")
    return 1 + sum(map(text.count, marks))  # type: ignore[arg-type]  # each is of the text's own type


async def computed(function: Callable[[*Ts], T], *args: *Ts) -> T:
    """What the function makes of the arguments, all of which can be pickled, as it and what it raises can; one at a time.

    Raises TooMuch.
    """
    limiter = to_process.current_default_process_limiter()
    limiter.total_tokens = 1
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await to_process.run_sync(_modestly, function, args, cancellable=True, limiter=limiter)
    except BrokenWorkerProcess as error:
        raise TooMuch("it took more memory than there is") from error
    except TimeoutError as error:
        raise TooMuch(f"it took longer than {TIMEOUT_S:g} s") from error


def _modestly(function: Callable[[*Ts], T], args: tuple[*Ts]) -> T:
    os.nice(max(0, _NICENESS - os.nice(0)))
    return function(*args)
