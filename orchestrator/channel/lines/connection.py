"""One connection of a container: bytes in, commands, answers out; one command at a time, and none before there is room."""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from itertools import islice
from typing import Final, cast

from orchestrator.channel.lines import commands as cmd
from orchestrator.channel.lines.commands import Append, Auth, Command, Malformed, Read, Reader
from orchestrator.channel.lines.line import Line
from orchestrator.host.apart import is_plain, is_quick

LOGIN_TIMEOUT_S: Final = 10.0
_AHEAD_BYTES: Final = 64 * 1024
"""What is taken in behind a command that cannot be answered yet."""
_TURN: Final = 16
"""Commands in one go: then it is the others' turn."""
UNANSWERED_LIMIT: Final = 32
"""Commands at a time. A shim waits for each answer, unless a signal interrupts it; whoever waits can be slowed down at no cost."""
_WRITE_BUFFER_BYTES: Final = 64 * 1024


class Connection(asyncio.Protocol):
    """A transport's other half. Whoever is at its far end is in the line's container, and must know its password all the same."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._reader = Reader()
        self._waiting: deque[Command] = deque()
        self._is_trusted = False
        self._is_congested = False
        self._is_at_end = False
        self._next_turn: asyncio.Handle | None = None
        self._login: asyncio.TimerHandle | None = None
        self._pace: asyncio.TimerHandle | None = None
        self._block: asyncio.TimerHandle | None = None
        self._understood: asyncio.Task[int] | None = None

    # --- the transport's side ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, if the line takes one more."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        if self._line.admit(self):
            self._login = self._loop.call_later(LOGIN_TIMEOUT_S, self.end)
        else:
            self.end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._line.left(self)
        for timer in (self._login, self._pace, self._block, self._next_turn):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Count first, then look."""
        self._line.arrived(len(data))
        self._reader.feed(data)
        self.advance()

    def eof_received(self) -> bool:
        """What it has said counts, also what cannot be taken yet."""
        self._is_at_end = True
        self.advance()
        return True

    def pause_writing(self) -> None:
        """It does not read its answers."""
        self._is_congested = True

    def resume_writing(self) -> None:
        """It reads them again."""
        self._is_congested = False
        self.advance()

    def end(self) -> None:
        """Close it without a word."""
        self._line.left(self)
        self._transport.abort()

    def _resume(self) -> None:
        self._pace = None
        self.advance()

    # --- commands ---------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Answer what can be answered now; then listen for more, unless too much waits already."""
        if self._next_turn is not None:
            return
        for _ in range(_TURN):
            if not self._answer_next():
                break
        else:
            self._yield()
        if self._transport.is_closing():
            return
        if self._is_at_end and self._next_turn is None and not self._is_saying:
            self._transport.close()
        elif self._is_slowed_down() or (self._is_behind and self._ahead_bytes > _AHEAD_BYTES):
            self._transport.pause_reading()
        elif not self._is_at_end:
            self._transport.resume_reading()

    @property
    def _is_behind(self) -> bool:
        return bool(self._waiting) or self._next_turn is not None

    @property
    def _is_saying(self) -> bool:
        return bool(self._waiting) and isinstance(self._waiting[0], Append)

    @property
    def _ahead_bytes(self) -> int:
        behind = islice(self._waiting, 1, None)
        return len(self._reader) + sum(len(command.frame) for command in behind if isinstance(command, Append))

    def _yield(self) -> None:
        """Go on when others had their turn; whatever arrives meanwhile does not make it two turns."""
        if self._next_turn is None:
            self._next_turn = self._loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._next_turn = None
        self.advance()

    def _is_slowed_down(self) -> bool:
        """Whether it has to wait; it goes on by itself when it has."""
        wait_s = self._line.debt_s
        if wait_s and self._pace is None:
            self._pace = self._loop.call_later(wait_s, self._resume)
        return wait_s > 0

    def _answer_next(self) -> bool:
        """Whether there was a command, and an answer to it."""
        if self._transport.is_closing():
            return False
        self._take_in()
        if not self._waiting or self._is_congested or not self._answer(self._waiting[0]):
            return False
        self._waiting.popleft()
        return True

    def _take_in(self) -> None:
        """Cut what has arrived into commands, before its time has come: who sends many without an answer is not listened to."""
        most = UNANSWERED_LIMIT if self._is_trusted else 0
        try:
            while len(self._waiting) <= most:
                command = self._reader.next()
                if command is None or not self._line.asked():
                    return
                self._waiting.append(command)
        except Malformed as wrong:
            self._refuse(f"it sent {wrong}")
        else:
            if self._is_trusted:
                self._refuse("it sent commands without waiting for the answers to those before")

    def _refuse(self, reason: str) -> None:
        """Who has not shown to be the shim is only sent away."""
        if self._is_trusted:
            self._line.break_off(reason)
        self.end()

    def _answer(self, command: Command) -> bool:
        """False when it cannot be answered yet."""
        match command:
            case Auth(user, password):
                self._log_in(user, password)
                return True
            case _ if not self._is_trusted:
                self.end()
                return True
            case Append(stream, frame):
                return self._append(stream, frame)
            case Read():
                return self._read(command)

    def _log_in(self, user: bytes, password: bytes) -> None:
        access = self._line.access
        self._is_trusted = user == access.user.encode() and hmac.compare_digest(password, access.password.encode())
        if not self._is_trusted:
            self._transport.write(cmd.WRONG_PASSWORD)
            self._transport.close()
            return
        if self._login is not None:
            self._login.cancel()
        self._transport.write(cmd.OK)

    def _append(self, stream: bytes, frame: bytes) -> bool:
        if stream != self._line.access.stream_out.encode():
            self._refuse("it wrote to a stream that is not its own")
            return True
        number = self._heard(frame)
        if number is None:
            return False
        if not self._transport.is_closing():
            self._transport.write(cmd.bulk(cmd.entry_name(number)))
        return True

    def _heard(self, frame: bytes) -> int | None:
        """The number of the frame's entry, None while it has to wait, or is being understood."""
        if self._understood is not None:
            if not self._understood.done():
                return None
            understood, self._understood = self._understood, None
            return understood.result()
        if self._line.is_full or self._is_slowed_down():
            return None
        if is_quick(frame) or is_plain(frame):
            return self._line.hear(frame)
        self._understood = self._line.understand(frame)
        self._understood.add_done_callback(self._go_on)
        return None

    def _go_on(self, understood: asyncio.Task[int]) -> None:
        if not understood.cancelled() and not self._transport.is_closing():
            self.advance()

    def _read(self, asked: Read) -> bool:
        if asked.stream != self._line.access.stream_in.encode():
            self._refuse("it read a stream that is not its own")
            return True
        frames = self._line.read(asked.after, asked.most)
        if not frames and self._block is None:
            self._block = self._loop.call_later(asked.block_ms / 1000, self._give_nothing)
        if not frames:
            return False
        if self._block is not None:
            self._block.cancel()
            self._block = None
        self._transport.writelines(cmd.entries(asked.stream, frames))
        return True

    def _give_nothing(self) -> None:
        """It has waited for as long as it wanted to."""
        self._block = None
        self._waiting.popleft()
        self._transport.write(cmd.NOTHING)
        self.advance()
