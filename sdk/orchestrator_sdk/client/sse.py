"""Server-sent events, from lines to events."""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """One event of a stream; `data` may have several lines."""

    name: str
    data: str


class EventParser:
    """Takes a stream line by line, without line ends; comments and unknown fields are skipped."""

    def __init__(self) -> None:
        self._name = ""
        self._data: list[str] = []

    def feed(self, line: str) -> Event | None:
        """The event that this line completes, if it does."""
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        return None

    def _complete(self) -> Event | None:
        event = Event(self._name or "message", "\n".join(self._data)) if self._data else None
        self._name, self._data = "", []
        return event
