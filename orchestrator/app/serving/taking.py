"""Whether a client takes what it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from orchestrator.app.serving.connections import MINIMUM_BYTES


class Taking:
    """Looks at what waits in a connection, from when there is much of it until there is little; who takes too little is cut off."""

    def __init__(self, transport: asyncio.Transport, stall_limit_s: float, cut: Callable[[], None]) -> None:
        self._transport = transport
        self._stall_limit_s = stall_limit_s
        self._cut = cut
        self._waits_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """There is much."""
        if self._timer is None:
            self._start()

    def end(self) -> None:
        """There is little, or nobody to take it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self) -> None:
        self._waits_bytes = self._transport.get_write_buffer_size()
        self._timer = asyncio.get_running_loop().call_later(self._stall_limit_s, self._look)

    def _look(self) -> None:
        if self._transport.get_write_buffer_size() > self._waits_bytes - MINIMUM_BYTES:
            self._timer = None
            self._cut()
        else:
            self._start()
