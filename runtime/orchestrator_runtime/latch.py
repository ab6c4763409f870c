"""An event that happens once, and tells whoever listens: thousands of them cost little, and no thread waits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Listener = Callable[[], object]

_new_lock = threading.Lock  # user code may replace it
_changing = _new_lock()


class Latch:
    """May be used from any thread."""

    __slots__ = ("_listeners",)

    def __init__(self) -> None:
        self._listeners: dict[Listener, None] | None = {}

    @property
    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._listeners is None

    def set(self) -> None:
        """Let it happen; the second time nothing more does."""
        with _changing:
            listeners, self._listeners = self._listeners, None
        for tell in listeners or ():
            tell()

    def listen(self, tell: Listener) -> None:
        """Call `tell` when it happens, in the thread where it does; at once when it has."""
        with _changing:
            if self._listeners is not None:
                self._listeners[tell] = None
                return
        tell()

    def forget(self, tell: Listener) -> None:
        """Call it no more."""
        with _changing:
            if self._listeners is not None:
                self._listeners.pop(tell, None)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for it; False when it has not happened within `timeout_s`."""
        turn = _new_lock()
        turn.acquire()
        self.listen(turn.release)
        has_happened = turn.acquire(timeout=-1 if timeout_s is None else timeout_s)
        if not has_happened:
            self.forget(turn.release)
        return has_happened
