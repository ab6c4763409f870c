"""SIGTERM: passed on to the processes a task started, then it unwinds the task; what the task starts inherits none of this.

A started program has every handler reset by the kernel (but never SIG_IGN, so that is not used here). A forked process keeps
handlers, so there the default is restored before it can be sent anything: until then SIGTERM is blocked.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Sigterm:
    """The handler of this process."""

    def __init__(self, unwind: Callable[[], None]) -> None:
        """`unwind` is called in the main thread, once."""
        self._unwind = unwind
        self._masks: dict[int, set[int | signal.Signals]] = {}

    def install(self) -> None:
        """From here on, in this process alone; called in the main thread."""
        signal.signal(signal.SIGTERM, self._handle)
        os.register_at_fork(
            before=self._block, after_in_parent=self._unblock, after_in_child=self._leave_to_whoever_forked
        )

    def _handle(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, _pass_over)
        os.killpg(0, signal.SIGTERM)
        self._unwind()

    def _block(self) -> None:
        self._masks[threading.get_ident()] = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def _unblock(self) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, self._masks.pop(threading.get_ident()))

    def _leave_to_whoever_forked(self) -> None:
        """In a process the task forked, SIGTERM does what it does in any other, unless the task has seen to it."""
        if signal.getsignal(signal.SIGTERM) in (self._handle, _pass_over):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._unblock()


def _pass_over(*_: object) -> None:
    """A further SIGTERM changes nothing."""
