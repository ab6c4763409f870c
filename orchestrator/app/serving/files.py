"""How many clients may be connected: each is an open file, and those are shared with the store, the channel and the engine."""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from collections.abc import Callable
from typing import Any, Final

log = logging.getLogger(__name__)

_WANTED_FILES: Final = 65_536
_FILES_OF_OUR_OWN: Final = 256
_BACKLOG: Final = 128
"""Connections are taken in at most so many at a time: with few descriptors those of a burst must be cut before the next."""
_LOG_EVERY_S: Final = 10.0


def raise_file_limit() -> int:
    """Allow this process as many open files as it may have, within reason; how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return _WANTED_FILES if soft == resource.RLIM_INFINITY else soft


def connection_limit(files: int) -> int:
    """How many clients may be connected where so many files may be open: each may hold one more for what it asks for."""
    return max(16, (files - _FILES_OF_OUR_OWN - backlog(files)) // 2)


def backlog(files: int) -> int:
    """How many connections may wait to be taken in."""
    return min(1024, max(_BACKLOG, files // 32))


def log_seldom(loop: asyncio.AbstractEventLoop, clock: Callable[[], float] = time.monotonic) -> None:
    """Have the loop say only now and then that no file can be opened: it would for each connection that waits."""
    said_at_s = -_LOG_EVERY_S

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal said_at_s
        if "system resource" not in context.get("message", ""):
            loop.default_exception_handler(context)
        elif clock() - said_at_s >= _LOG_EVERY_S:
            said_at_s = clock()
            log.warning(
                "connections cannot be taken in: %s; give the process more files (ulimit -n)", context["exception"]
            )

    loop.set_exception_handler(handle)
