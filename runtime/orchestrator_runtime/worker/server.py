"""The worker protocol's socket: any number of connections, served from one thread.

What a worker asks for is there at once, or comes from the channel while its request is held; so one thread is enough, and ten
thousand requests that wait cost little more than their sockets. While the channel takes nothing, nobody is answered: there would be
nothing to say.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import selectors
import socket
import threading
import time
from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Final

from orchestrator_runtime.worker.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator_runtime.worker.http import Answer, Held, Request

_ACCEPTED_AT_ONCE: Final = 64
"""Then those who have connected have their turn."""
_CROWDED_PAUSE_S: Final = 0.05
"""When no more files can be opened some connections have to end first; others wait in the backlog."""


class Timer:
    """A call that is to come."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], object]) -> None:
        self.call: Callable[[], object] | None = call

    def cancel(self) -> None:
        """Forget the call."""
        self.call = None


class WorkerServer:
    """Serves who connects to the `listener`; `handle`, and all that it leads to, is called in the server's thread."""

    def __init__(self, listener: socket.socket, handle: Callable[[Request], Answer | Held]) -> None:
        self.path: str = listener.getsockname()
        self.handle = handle
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._events: dict[socket.socket, int] = {}
        self._bell, self._ear = socket.socketpair()
        self._soon: deque[Callable[[], object]] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._numbers = count()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="orchestrator worker", daemon=True)

    def start(self) -> None:
        """Requests are answered from now on."""
        for one in (self._listener, self._bell, self._ear):
            one.setblocking(False)
        self.watch(self._ear, selectors.EVENT_READ, self._hear)
        self._listen()
        self._thread.start()

    def close(self) -> None:
        """Serve no more, and end all connections."""
        self._is_closed = True
        self._ring()
        self._thread.join()
        for one in (*self._events, self._listener, self._bell, self._ear):
            one.close()
        self._selector.close()

    def remove(self) -> None:
        """Take the socket's file away."""
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    # --- in the server's thread; but `call_soon` in any ---------------------------------------------------------------

    def call_soon(self, call: Callable[[], object]) -> None:
        """Call it when what is ready now was looked at."""
        self._soon.append(call)
        if threading.get_ident() != self._thread.ident:
            self._ring()

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        """Call it after so long."""
        timer = Timer(call)
        heapq.heappush(self._timers, (time.monotonic() + delay_s, next(self._numbers), timer))
        return timer

    def watch(self, watched: socket.socket, events: int, ready: Callable[[int], object]) -> None:
        """Call `ready` with the events that come; with no events, watch it no more."""
        before = self._events.pop(watched, 0)
        if events:
            self._events[watched] = events
        if before and not events:
            self._selector.unregister(watched)
        elif before != events:
            change = self._selector.modify if before else self._selector.register
            change(watched, events, ready)

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._is_closed:
            try:
                ready = self._selector.select(self._select_timeout_s())
            except (OSError, ValueError):  # user code closed every handle: nobody can reach us any more
                return
            for key, events in ready:
                key.data(events)
            self._call_those_due()

    def _select_timeout_s(self) -> float | None:
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
        if self._soon:
            return 0
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _call_those_due(self) -> None:
        now_s = time.monotonic()
        while self._timers and self._timers[0][0] <= now_s:
            timer = heapq.heappop(self._timers)[2]
            if timer.call is not None:
                timer.call()
        for _ in range(len(self._soon)):
            self._soon.popleft()()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # it was rung often enough, or nobody hears it any more
            self._bell.send(b"\0")

    def _hear(self, _: int) -> None:
        with contextlib.suppress(OSError):
            self._ear.recv(4096)

    def _listen(self) -> None:
        self.watch(self._listener, selectors.EVENT_READ, self._accept)

    def _accept(self, _: int) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                accepted, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:
                self.watch(self._listener, 0, self._accept)
                self.call_later(_CROWDED_PAUSE_S, self._listen)
                return
            Connection(self, accepted)
