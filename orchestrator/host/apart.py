"""What would keep the event loop for long is computed by a process of its own.

A thread would not do: JSON is read and written in one piece, in which no other thread gets its turn.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process
from anyio.lowlevel import RunVar

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_QUICK_BYTES: Final = 128 * 1024
"""The slowest text of that length, numbers of thousands of digits, is read and written in 15 ms."""
_QUICK_VALUES: Final = 10_000
"""So many are read and written in 12 ms."""
_PLAIN_BYTES: Final = 1024 * 1024
_DIGITS: Final = 150
"""A number of twice as many, whose value takes long to find, has so many between two multiples of this."""
_NICENESS: Final = 10
TIMEOUT_S: Final = 60.0
"""With the wait for its turn."""
_LIMITERS: Final[RunVar[dict[str, CapacityLimiter]]] = RunVar("queues of what is computed apart")


class TooMuch(RuntimeError):  # noqa: N818
    """The process that was to compute it did not survive that."""


def is_quick(text: bytes | str) -> bool:
    """Whether a JSON text can be read on the event loop: it is short, and has few values."""
    return len(text) <= _QUICK_VALUES or (len(text) <= _QUICK_BYTES and values_in(text) <= _QUICK_VALUES)


def is_plain(text: bytes) -> bool:
    """Whether it is long by its strings alone, and not too long: so 1 MiB is read and written in 20 ms on a busy host."""
    return (
        len(text) <= _PLAIN_BYTES
        and values_in(text) <= _QUICK_VALUES
        and text.count(b"\\") <= _QUICK_VALUES
        and not any(text[start : start + _DIGITS].isdigit() for start in range(0, len(text), _DIGITS))
    )


def values_in(text: bytes | str) -> int:
    """How many values a JSON text has, at most: what looks like one may be in a string."""
    marks = (b",", b"[", b"{") if isinstance(text, bytes) else (",", "[", "{")
    return 1 + sum(map(text.count, marks))  # type: ignore[arg-type]  # each is of the text's own type


async def computed(
    function: Callable[[*Ts], T], *args: *Ts, queue: str = "requests", timeout_s: float | None = TIMEOUT_S
) -> T:
    """What the function makes of the arguments, all of which can be pickled, as it and what it raises can.

    One at a time of each `queue`: whoever fills one keeps nobody waiting who is in another. Raises TooMuch.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await to_process.run_sync(_modestly, function, args, cancellable=True, limiter=_limiter(queue))
    except BrokenWorkerProcess as error:
        raise TooMuch("it took more memory than there is") from error
    except TimeoutError as error:
        raise TooMuch(f"it took longer than {timeout_s:g} s") from error


def _limiter(queue: str) -> CapacityLimiter:
    """Of the running loop."""
    limiters = _LIMITERS.get(None)
    if limiters is None:
        _LIMITERS.set(limiters := {})
    return limiters.setdefault(queue, CapacityLimiter(1))


def _modestly(function: Callable[[*Ts], T], args: tuple[*Ts]) -> T:
    os.nice(max(0, _NICENESS - os.nice(0)))
    return function(*args)
