"""A connection on which the head and the body of an answer are one write: each is a call of the kernel's, and wakes the client."""

from __future__ import annotations

import asyncio
from typing import Any, Final

_MOST_BYTES: Final = 16 * 1024
"""What is more is passed on: an answer that is made without a pause would all be kept here."""


class Gathering:
    """A transport that writes at the end of the event loop's turn, all at once; everything else is the transport's own."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._size_bytes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it, with what is written beside it."""
        if not self._parts:
            self._loop.call_soon(self._pass_on)
        self._parts.append(data)
        self._size_bytes += len(data)
        if self._size_bytes > _MOST_BYTES:
            self._pass_on()

    def close(self) -> None:
        """End the connection after what was written."""
        self._pass_on()
        self._transport.close()

    def _pass_on(self) -> None:
        if self._parts:
            self._transport.write(b"".join(self._parts))
            self._parts.clear()
            self._size_bytes = 0
