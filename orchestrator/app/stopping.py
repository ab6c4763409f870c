"""How the process ends: in order when it is told to, by a time whatever still waits, and at once when it is told again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Coroutine, Iterable
from types import FrameType
from typing import Any, Final, NoReturn

log = logging.getLogger(__name__)

LIMIT_S = 20.0
"""From the signal on: more than the bounds of all that ends in order, less than whoever sends the signal waits."""
LEAVE_S = 3.0
"""For what comes after the end in order: threads that wait for an answer of somebody who gives none are not waited for."""
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_NAMED: Final = 8


async def until_told(living: Coroutine[Any, Any, None]) -> None:
    """Run it until SIGINT or SIGTERM, which cancel it; from then on the process ends by itself, whatever it waits for."""
    task = asyncio.ensure_future(living)
    end = _End(asyncio.get_running_loop(), task)
    for number in _SIGNALS:
        signal.signal(number, end.begin)  # not the loop's: that may be what does not end
    await asyncio.wait([task])
    end.is_in_order.set()
    if not task.cancelled():
        task.result()


class _End:
    """One end, seen to by a thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, task: asyncio.Future[None]) -> None:
        self._loop = loop
        self._task = task
        self.is_in_order = threading.Event()

    def begin(self, number: int, frame: FrameType | None) -> None:
        """The signal came."""
        for one in _SIGNALS:
            signal.signal(one, _at_once)
        threading.Thread(target=self._insist, args=(signal.Signals(number).name,), name="end", daemon=True).start()
        self._loop.call_soon_threadsafe(self._task.cancel)

    def _insist(self, signal_name: str) -> None:
        log.info("stopping, for %s came; another one ends it at once", signal_name)
        if not self.is_in_order.wait(LIMIT_S):
            log.error("not ended within %g s, and left as it is: %s", LIMIT_S, self._left())
            _leave(1)
        threading.Event().wait(LEAVE_S)
        _leave(0)

    def _left(self) -> str:
        threads = [thread.name for thread in threading.enumerate() if not thread.daemon]
        return f"tasks {named(asyncio.all_tasks(self._loop))}; threads {_some(threads)}"


def named(tasks: Iterable[asyncio.Task[Any]]) -> str:
    """What a line says of tasks that do not end: the first few."""
    return _some([task.get_name() for task in tasks])


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (", ".join(sorted(names)[:_NAMED]) or "none") + more


def _at_once(number: int, frame: FrameType | None) -> NoReturn:
    with contextlib.suppress(RuntimeError):  # a line was just being written
        log.warning("ended at once, for it was told again; the next start goes on with what is there")
    _leave(128 + number)


def _leave(exit_code: int) -> NoReturn:
    """Without what an end in order does; a live status had hidden the cursor."""
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr.isatty():
            sys.stderr.write("\x1b[?25h")
            sys.stderr.flush()
    os._exit(exit_code)
