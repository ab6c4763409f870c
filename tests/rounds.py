"""How much the event loop computes at a time: whatever else is ready meanwhile has to wait for so long."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

_TRIES: Final = 3
"""A busy host leaves little in the caches of its CPUs, and then the same work takes up to twice the CPU time; not each time."""


@dataclass(slots=True)
class Rounds:
    """What was measured, in seconds of CPU, so that a busy host does not count."""

    longest_cpu_s: float = 0.0


@contextlib.contextmanager
def measured_rounds() -> Iterator[Rounds]:
    """Those of the running loop inside the block."""
    selector: Any = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]  # noqa: SLF001  # there is no other way
    select, rounds = selector.select, Rounds()
    began_s = time.thread_time()

    def measured(timeout: float | None = None) -> Any:
        nonlocal began_s
        rounds.longest_cpu_s = max(rounds.longest_cpu_s, time.thread_time() - began_s)
        ready = select(timeout)
        began_s = time.thread_time()
        return ready

    selector.select = measured
    try:
        yield rounds
    finally:
        selector.select = select


async def longest_round_s(work: Callable[[], Awaitable[object]], limit_s: float) -> float:
    """What `work` kept the loop for at a time, in seconds of CPU: the first measurement below the limit, or the last of three."""
    for _ in range(_TRIES):
        with measured_rounds() as rounds:
            await work()
        if rounds.longest_cpu_s < limit_s:
            break
    return rounds.longest_cpu_s
