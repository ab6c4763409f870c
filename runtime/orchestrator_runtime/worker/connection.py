"""One connection of a worker: one request at a time, and the next when its answer is sent."""

from __future__ import annotations

import contextlib
import selectors
import socket
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from orchestrator_runtime.worker import http
from orchestrator_runtime.worker.http import Answer, Held, Malformed, Reader, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

A = TypeVar("A")

HOLD_S: Final = 10.0
"""How long a request is held without a byte: every SDK gives up after 15 s, and some then try only fifteen times."""
_DRAIN_S: Final = 10.0
"""How long who was refused may go on with what it says: before it has said all it does not read why."""
_PIECE_BYTES: Final = 64 * 1024
_AHEAD_BYTES: Final = 64 * 1024
"""Of further requests, while one is being answered."""


class Timer(Protocol):
    """A call that is to come."""

    def cancel(self) -> None:
        """Forget the call."""


class Server(Protocol):
    """What a connection needs of its server."""

    def handle(self, request: Request) -> Answer | Held:
        """Answer a request."""

    def call_soon(self, call: Callable[[], object]) -> None:
        """Call it in the server's thread; safe from any other."""

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        """Call it after so long."""

    def watch(self, watched: socket.socket, events: int, ready: Callable[[int], object]) -> None:
        """Call `ready` with the events that come; with no events, watch it no more."""


class Connection:
    """Lives as long as the server watches its socket, or a request of it is held."""

    __slots__ = (
        "_gone",
        "_has_begun",
        "_held",
        "_is_at_end",
        "_is_last",
        "_is_refused",
        "_out",
        "_reader",
        "_server",
        "_socket",
        "_timer",
    )

    def __init__(self, server: Server, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        self._server = server
        self._socket = accepted
        self._reader = Reader()
        self._out = memoryview(b"")
        self._held: Held | None = None
        self._gone: Callable[[], None] | None = None
        self._timer: Timer | None = None
        self._has_begun = False
        self._is_at_end = False
        self._is_last = False
        self._is_refused = False
        self._watch()

    # --- the socket -------------------------------------------------------------------------------------------------

    def _ready(self, events: int) -> None:
        with self._ended_by_errors():
            if events & selectors.EVENT_WRITE:
                self._flush()
            if events & selectors.EVENT_READ:
                self._receive()
        # Only when all sockets were read: of a client that gives up and asks again, the first must have been seen.
        self._server.call_soon(self._advance)

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_PIECE_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._is_at_end = True
            self._reader.end()
            self._tell_gone()
        elif not self._is_last:
            self._reader.feed(data)

    def _send(self, data: bytes) -> None:
        self._out = memoryview(bytes(self._out) + data if self._out else data)
        self._flush()

    def _flush(self) -> None:
        try:
            while self._out:
                self._out = self._out[self._socket.send(self._out) :]
        except BlockingIOError:
            return
        if self._held is None:
            self._gone = None  # it has its answer
            if self._is_refused:
                self._socket.shutdown(socket.SHUT_WR)
            elif self._is_last:
                self._close()

    @property
    def _is_open(self) -> bool:
        return self._socket.fileno() >= 0

    def _watch(self) -> None:
        """Listen for more, unless enough is waiting already; a connection with nothing to come is over."""
        is_busy = self._held is not None or bool(self._out)
        wants_more = not self._is_at_end and (not is_busy or len(self._reader) <= _AHEAD_BYTES)
        events = (selectors.EVENT_READ if wants_more else 0) | (selectors.EVENT_WRITE if self._out else 0)
        if not events and not is_busy:
            self._close()
        else:
            self._server.watch(self._socket, events, self._ready)

    def _close(self) -> None:
        if not self._is_open:
            return
        self._server.watch(self._socket, 0, self._ready)
        self._release()
        self._tell_gone()
        self._socket.close()

    @contextlib.contextmanager
    def _ended_by_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            self._close()

    # --- requests ---------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Serve what has arrived, in order."""
        with self._ended_by_errors():
            while self._is_free and self._serve_next():
                pass
            if self._is_open:
                self._watch()

    @property
    def _is_free(self) -> bool:
        return self._is_open and self._held is None and not self._out and not self._is_last

    def _serve_next(self) -> bool:
        """Whether there was anything to serve."""
        try:
            received = self._reader.next()
        except Malformed as problem:
            self._refuse(problem)
            return False
        if received is None:
            return False
        if isinstance(received, bytes):
            self._send(received)
            return True
        self._is_last = not received.keep
        answer = _answered(partial(self._server.handle, received.request), received.request.path)
        if isinstance(answer, Held):
            self._hold(answer)
        else:
            self._send(http.encode(answer, keep=received.keep))
        return True

    def _refuse(self, problem: Malformed) -> None:
        self._is_last = self._is_refused = True
        self._server.call_later(_DRAIN_S, self._close)
        self._send(http.encode(Answer(problem.status, {"message": str(problem)}), keep=False))

    # --- what takes longer ------------------------------------------------------------------------------------------

    def _hold(self, held: Held) -> None:
        self._held, self._gone, self._has_begun = held, held.gone, False
        self._timer = self._server.call_later(HOLD_S, self._lasts)
        held.until.listen(self._happened)

    def _happened(self) -> None:
        """In any thread."""
        self._server.call_soon(self._answer)

    def _answer(self) -> None:
        held = self._held
        if held is None or not held.until.is_set:
            return  # it was answered otherwise meanwhile
        self._release()
        answer = _answered(held.answer, "what was asked for")
        self._finish(http.finish(answer) if self._has_begun else http.encode(answer, keep=not self._is_last))

    def _lasts(self) -> None:
        """It was held for long."""
        held = self._held
        if held is None:
            return
        if held.late is not None:
            self._release()
            self._finish(http.encode(_answered(held.late, "what was asked for"), keep=not self._is_last))
        elif held.shows_life:
            said = http.SIGN_OF_LIFE if self._has_begun else http.begin(keep=not self._is_last)
            self._has_begun = True
            self._timer = self._server.call_later(HOLD_S, self._lasts)
            with self._ended_by_errors():
                self._send(said)

    def _finish(self, data: bytes) -> None:
        with self._ended_by_errors():
            self._send(data)
        self._advance()

    def _release(self) -> None:
        if self._held is not None:
            self._held.until.forget(self._happened)
        if self._timer is not None:
            self._timer.cancel()
        self._held = self._timer = None

    def _tell_gone(self) -> None:
        gone, self._gone = self._gone, None
        if gone is not None:
            gone()


def _answered(ask: Callable[[], A], what: str) -> A | Answer:
    """Every request has an answer: to a worker, silence would be a connection to try again."""
    try:
        return ask()
    except Exception as error:
        import traceback

        traceback.print_exc()
        return Answer(500, {"message": f"{what} failed: {type(error).__name__}: {error}"})
