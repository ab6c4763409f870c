"""What a client follows on a stream that may break at any time: which requests to make, and when it is over.

A driver, blocking or not, repeats until `is_over`: read the lines of `request()` into `feed` until `is_due`, hand the answers
to `polls()` to `answered`, tell `lost` about failures of either, then wait for `pause_s()`. Nothing here does I/O.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Generic, TypeVar

from orchestrator_sdk.client import requests
from orchestrator_sdk.client.models import LogLine, TaskRunDetails
from orchestrator_sdk.client.requests import Page, Request
from orchestrator_sdk.client.sse import Event, EventParser
from orchestrator_sdk.errors import ServerError, WaitTimeoutError

T = TypeVar("T")

SILENCE_S: Final = 60.0
"""The server says something every 15 s, if only that it lives; after this long without a line the stream is broken."""
UNREACHABLE_S: Final = 60.0
"""How long a server that does not answer is waited for: a restart takes seconds."""
_SLACK_S: Final = 1.0
"""How late a deadline may be noticed; renewing a connection sooner would renew it at its very first line."""
_FIRST_PAUSE_S: Final = 0.1
_LAST_PAUSE_S: Final = 5.0


class Subscription(Generic[T]):
    """One stream, over as many connections as it takes. `clock` tells monotonic seconds."""

    def __init__(self, timeout_s: float | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._timeout_s = timeout_s
        self._ends_at_s = float("inf") if timeout_s is None else clock() + timeout_s
        self._parser = EventParser()
        self._read_timeout_s = SILENCE_S
        self._pause_s = _FIRST_PAUSE_S
        self._lost_since_s: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether everything was received."""
        raise NotImplementedError

    def request(self) -> Request[Any]:
        """The request for a new connection, from where the last one ended."""
        raise NotImplementedError

    def take(self, event: Event) -> T | None:
        """What an event says, if it is news."""
        raise NotImplementedError

    def polls(self) -> Iterable[Request[T]]:
        """Requests that find out what a broken stream may have kept back."""
        return ()

    def news(self, answer: T) -> T | None:
        """What the answer to a poll says, if it is news."""
        return None

    def connect(self) -> float:
        """Begin a connection; returns the seconds of silence after which it is broken. Raises WaitTimeoutError."""
        self._parser = EventParser()
        self._read_timeout_s = min(SILENCE_S, self._left_s())
        return self._read_timeout_s

    def feed(self, line: str) -> T | None:
        """Take one line of the stream. Raises ServerError for an event that cannot be read."""
        self._lost_since_s = None
        event = self._parser.feed(line)
        if event is None:
            return None
        self._pause_s = _FIRST_PAUSE_S
        try:
            return self.take(event)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ServerError(f"the event '{event.name}' cannot be read ({type(error).__name__}: {error})") from error

    def answered(self, answer: T) -> T | None:
        """Take the answer to a poll."""
        self._lost_since_s = None
        return self.news(answer)

    @property
    def is_due(self) -> bool:
        """Whether the connection must end now, or silence on it would outlast the deadline."""
        return self._ends_at_s - self._clock() < self._read_timeout_s - _SLACK_S

    def lost(self, error: ServerError) -> None:
        """The connection failed, or none came about. Raises the error when this has lasted too long."""
        now_s = self._clock()
        self._lost_since_s = now_s if self._lost_since_s is None else self._lost_since_s
        if now_s - self._lost_since_s > UNREACHABLE_S:
            raise error

    def pause_s(self) -> float:
        """How long to wait before the next connection; longer each time, until a line comes through."""
        pause_s = min(self._pause_s, self._left_s())
        self._pause_s = min(self._pause_s * 2, _LAST_PAUSE_S)
        return pause_s

    def _left_s(self) -> float:
        left_s = self._ends_at_s - self._clock()
        if left_s <= 0:
            raise WaitTimeoutError(f"{self._subject()} not over after {self._timeout_s} s; what runs goes on")
        return left_s

    def _subject(self) -> str:
        return "it is"


class Watch(Subscription[TaskRunDetails]):
    """Waits for runs to end; gives each once, as it ends."""

    def __init__(
        self, run_ids: Sequence[str], timeout_s: float | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(timeout_s, clock)
        self._open = dict.fromkeys([run_ids] if isinstance(run_ids, str) else run_ids)

    @property
    def is_over(self) -> bool:
        return not self._open

    def request(self) -> Request[Any]:
        return Request("GET", "/task-runs/events", lambda answer: answer, {"taskRunIds": list(self._open)})

    def take(self, event: Event) -> TaskRunDetails | None:
        return self.news(TaskRunDetails.parse(json.loads(event.data))) if event.name.startswith("task.") else None

    def polls(self) -> Iterable[Request[TaskRunDetails]]:
        return [requests.get(run_id) for run_id in self._open]

    def news(self, answer: TaskRunDetails) -> TaskRunDetails | None:
        if not answer.status.is_terminal or answer.id not in self._open:
            return None
        del self._open[answer.id]
        return answer

    def _subject(self) -> str:
        return f"run {' and '.join(self._open)} {'is' if len(self._open) == 1 else 'are'}"


class LogTail(Subscription[LogLine]):
    """Follows a log to its end; `logs` is the request for what it has so far. Lines are told apart by their cursors."""

    def __init__(self, logs: Request[Page[LogLine]], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(None, clock)
        self._logs = logs
        self._cursor = ""
        self._is_over = False

    @property
    def is_over(self) -> bool:
        return self._is_over

    def request(self) -> Request[Any]:
        place = {"cursor": self._cursor} if self._cursor else {}
        return Request("GET", self._logs.path, lambda answer: answer, {**self._logs.params, "follow": "true", **place})

    def take(self, event: Event) -> LogLine | None:
        self._is_over = event.name == "end"
        if event.name == "live":
            return LogLine.parse(json.loads(event.data), is_begun=True)
        if event.name != "log":
            return None
        line = LogLine.parse(json.loads(event.data))
        self._cursor = line.cursor
        return line
