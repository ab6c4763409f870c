"""Trying again what is bound to work some time: what it needs is away, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

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

    def report_failure(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        assert isinstance(error, Exception)
        report(error)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(despite),
        wait=wait_exponential(multiplier=wait_s, max=longest_wait_s or wait_s),
        before_sleep=report_failure,
        sleep=sleep,
        reraise=True,
    )

    async def act() -> T:
        return await action()  # tenacity awaits what a coroutine function returns, not what a lambda does

    return await retrying(act)
