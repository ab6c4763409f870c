"""One container's line: what it has said and was told, and how much more of either there may be."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from typing import Final, Protocol

from orchestrator.channel import budget
from orchestrator.channel.access import Access
from orchestrator.channel.channel import Received
from orchestrator.channel.frames import Frame, Violation, parse, parse_apart
from orchestrator.host.apart import TooMuch, computed

UNSETTLED_LIMIT_BYTES: Final = 8 * 1024 * 1024
"""What a container said and nobody has dealt with yet: beyond it, it is not listened to."""
UNREAD_LIMIT_BYTES: Final = 8 * 1024 * 1024
"""What a container was told and has not read: beyond it, there is no `room`."""
FRAME_COST_BYTES: Final = 256
"""What even the smallest frame takes."""
REPLY_LIMIT_BYTES: Final = 1024 * 1024
"""An answer ends with the frame that reaches it."""
CONNECTIONS_LIMIT: Final = 8
"""At a time; a shim has two, and those it has just given up may not be gone."""


DRAIN_LIMIT_S: Final = 2.0
"""Until the connections of a container that has ended are seen to have ended, too."""


UNDERSTOOD_LIMIT_S: Final = 10.0
"""Until what it said last is understood: who is stopped while many say what takes long is not waited for by whoever stopped it."""


class Connected(Protocol):
    """A connection of the line's."""

    def advance(self) -> None:
        """Go on: there may be room, or something to read."""

    def end(self) -> None:
        """Close it without a word."""


class Line:
    """Knows no sockets; its connections ask it, and are told when to ask again."""

    def __init__(self, access: Access, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.access = access
        self.queue: asyncio.Queue[Received] = asyncio.Queue()
        self._connected: set[Connected] = set()
        self._is_alone = asyncio.Event()
        self._is_alone.set()
        self.is_broken = False
        """The container broke the protocol: it is not listened to any more."""
        self.is_draining = False
        self._is_over = False
        self._clock = clock
        self._commands = budget.commands()
        self._connections = budget.connections()
        self._sent = budget.sent_bytes()
        self._told = budget.told_bytes()
        self._work = budget.work_s()
        self._entries = itertools.count(1)
        self._unsettled: dict[str, int] = {}
        self._unsettled_bytes = 0
        self._elsewhere: set[asyncio.Task[int]] = set()
        self._unread: deque[tuple[int, bytes]] = deque()
        self._unread_bytes = 0
        self._has_room = asyncio.Event()
        self._has_room.set()
        self.on_broken: Callable[[], None] = lambda: None

    # --- connections ------------------------------------------------------------------------------------------------

    def admit(self, connection: Connected) -> bool:
        """Whether it may stay."""
        if not self._connections.take(1, now_s=self._clock()):
            self.break_off("it opened connections faster than a container may")
        if self.is_broken or self._is_over or len(self._connected) >= CONNECTIONS_LIMIT:
            return False
        self._connected.add(connection)
        self._is_alone.clear()
        return True

    def left(self, connection: Connected) -> None:
        """It is gone."""
        self._connected.discard(connection)
        if not self._connected:
            self._is_alone.set()

    def break_off(self, reason: str) -> None:
        """Listen to it no more, and say why, before anything else it has said."""
        if self.is_broken:
            return
        self.is_broken = True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(Received(str(next(self._entries)), Violation(reason)))
        self.hang_up()
        self.on_broken()

    def hang_up(self) -> None:
        """End all connections, those that are still being taken in, too."""
        self._is_over = True
        for connection in list(self._connected):
            connection.end()
        for task in list(self._elsewhere):
            task.cancel()

    def _wake(self) -> None:
        for connection in list(self._connected):
            connection.advance()

    # --- what it says -----------------------------------------------------------------------------------------------

    def arrived(self, count_bytes: int) -> None:
        """Count what arrived, whatever it is."""
        self._sent.take(count_bytes, now_s=self._clock())

    @property
    def debt_s(self) -> float:
        """How long to wait before more is taken: it sent much, or what took long to understand."""
        if self.is_draining:
            return 0.0
        for bucket in (self._sent, self._work):
            bucket.take(0, now_s=self._clock())
        return max(self._sent.debt_s, self._work.debt_s)

    def asked(self) -> bool:
        """Count a command; False when there were too many."""
        if not self._commands.take(1, now_s=self._clock()):
            self.break_off("it sent commands faster than a container may")
        return not self.is_broken

    @property
    def is_full(self) -> bool:
        """Whether what it has said must be dealt with before it says more."""
        return self._unsettled_bytes > UNSETTLED_LIMIT_BYTES and not self.is_draining

    def hear(self, frame: bytes) -> int:
        """Take a frame that is quick to understand; the number of its entry."""
        began_s = time.thread_time()
        found = parse(frame.decode("utf-8", "replace"))
        return self._take(found, len(frame), time.thread_time() - began_s)

    def understand(self, frame: bytes) -> asyncio.Task[int]:
        """The same in another process, for one that is not: all others would wait meanwhile."""
        task = asyncio.get_running_loop().create_task(self._understand(frame), name=f"frame of {self.access.user}")
        self._elsewhere.add(task)
        task.add_done_callback(self._elsewhere.discard)
        return task

    async def _understand(self, frame: bytes) -> int:
        try:
            found, took_s = await computed(parse_apart, frame, queue="frames", timeout_s=None)
        except TooMuch as error:
            found, took_s = Violation(f"a frame that cannot be read: {error}"), 0.0
        return self._take(found, len(frame), took_s)

    def _take(self, found: Frame, size_bytes: int, took_s: float) -> int:
        number = next(self._entries)
        self._work.take(took_s, now_s=self._clock())
        if isinstance(found, Violation):
            self.break_off(found.reason)
        elif not self.is_broken:
            self._unsettled[str(number)] = size_bytes + FRAME_COST_BYTES
            self._unsettled_bytes += size_bytes + FRAME_COST_BYTES
            self.queue.put_nowait(Received(str(number), found))
        return number

    def settle(self, entry: str) -> None:
        """A frame was dealt with."""
        was_full = self.is_full
        self._unsettled_bytes -= self._unsettled.pop(entry, 0)
        if was_full and not self.is_full:
            self._wake()

    async def drain(self) -> None:
        """Take all that was sent; no more will come, for whoever sent it has ended."""
        self.is_draining = True
        self._wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_LIMIT_S):
                await self._is_alone.wait()
        if self._elsewhere:
            await asyncio.wait(self._elsewhere, timeout=UNDERSTOOD_LIMIT_S)

    # --- what it is told --------------------------------------------------------------------------------------------

    def tell(self, frame: bytes) -> None:
        """Keep a frame until it was read."""
        if self.is_broken:
            return
        self._told.take(len(frame), now_s=self._clock())
        self._unread.append((next(self._entries), frame))
        self._unread_bytes += len(frame) + FRAME_COST_BYTES
        self._look_for_room()
        self._wake()

    def read(self, after: int, most: int) -> list[tuple[int, bytes]]:
        """The frames that follow on the entry `after`, which was read itself, and so were all before it."""
        while self._unread and self._unread[0][0] <= after:
            self._unread_bytes -= len(self._unread.popleft()[1]) + FRAME_COST_BYTES
        self._look_for_room()
        size_bytes, found = 0, []
        for entry in islice(self._unread, max(1, most)):
            found.append(entry)
            size_bytes += len(entry[1])
            if size_bytes >= REPLY_LIMIT_BYTES:
                break
        return found

    def _look_for_room(self) -> None:
        if self._unread_bytes <= UNREAD_LIMIT_BYTES:
            self._has_room.set()
        else:
            self._has_room.clear()

    @property
    def has_room(self) -> bool:
        """Whether it may be told more than a little."""
        return self._has_room.is_set()

    async def room(self) -> None:
        """Wait until it has read most of what it was told, no faster than it may be told it."""
        await self._has_room.wait()
        self._told.take(0, now_s=self._clock())
        if self._told.debt_s:
            await asyncio.sleep(self._told.debt_s)
