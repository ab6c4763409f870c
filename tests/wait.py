"""Waiting for something to become true, instead of sleeping.

The limits are for a host that is busy with something else: a test that passes never waits for one of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

LIMIT_S: Final = 120.0


async def wait_until(is_true: Callable[[], Awaitable[bool]], what: str, *, timeout_s: float = LIMIT_S) -> None:
    """Return as soon as `is_true`; fail with `what` was awaited when it never is."""
    ends_at = time.monotonic() + timeout_s
    while not await is_true():
        assert time.monotonic() < ends_at, f"waited {timeout_s} s for {what}"
        await asyncio.sleep(0.02)


def until(is_true: Callable[[], bool], what: str, *, timeout_s: float = LIMIT_S) -> None:
    """The same for tests that are not asynchronous."""
    ends_at = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < ends_at, f"waited {timeout_s} s for {what}"
        time.sleep(0.05)
