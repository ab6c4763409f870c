"""Trying again what is bound to work some time: what it needs is away, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def persist(
    action: Callable[[], Awaitable[T]],
    *,
    despite: type[Exception] | tuple[type[Exception], ...],
    wait_s: float,
    longest_wait_s: float | None = None,
    report: Callable[[Exception], None] = lambda _: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """What the action returns, however often it fails before; every other error than those in `despite` is raised at once.

    Each failure is reported, then waited for: `wait_s`, and with a `longest_wait_s` twice as long each time, up to that.
    An action that never returns is thus done for ever; it needs a steady wait, for no success in between is seen.
    """

    next_wait_s = wait_s
    while True:
        try:
            return await action()
        except despite as error:
            report(error)
        await sleep(next_wait_s)
        next_wait_s = min(2 * next_wait_s, longest_wait_s or wait_s)
