"""Who may be connected: of too many, those that say nothing keep nobody else out; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Cut: TypeAlias = Callable[[], None]
"""Ends a connection, which is known by it."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """For how long, in seconds, clients are waited for.

    `headers_s` is from a connection, or a request's first byte, to the end of its headers; in `body_s` at least `MINIMUM_BYTES` of
    a body must come; in `answer_s` as much of an answer must be taken; what follows of a body that was answered already is
    thrown away for `rest_s`, so that the answer is seen.
    """

    headers_s: float = 15.0
    body_s: float = 15.0
    answer_s: float = 30.0
    rest_s: float = 5.0


MINIMUM_BYTES: Final = 16 * 1024


@dataclass(slots=True)
class _Place:
    """The connections of one address."""

    count: int = 0
    silent: dict[Cut, None] = field(default_factory=dict)


class Connections:
    """Of one server: at most `limit`, of one address at most half of them.

    When there are more, the one that has asked for nothing for the longest time goes: of that address, or of all.
    """

    def __init__(self, limit: int, timeouts: Timeouts | None = None) -> None:
        self.timeouts = timeouts or Timeouts()
        self._limit = limit
        self._count = 0
        self._silent: dict[Cut, None] = {}
        self._places: dict[str, _Place] = {}

    def opened(self, cut: Cut, address: str) -> None:
        """There is a new one."""
        self._count += 1
        place = self._places.setdefault(address, _Place())
        place.count += 1
        self.begin_to_wait(cut, address)
        if place.count > self._limit // 2:
            next(iter(place.silent))()
        elif self._count > self._limit:
            next(iter(self._silent))()

    def begin_to_wait(self, cut: Cut, address: str) -> None:
        """It has to say what it wants from now on."""
        for silent in (self._silent, self._places[address].silent):
            silent.pop(cut, None)
            silent[cut] = None

    def has_asked(self, cut: Cut, address: str) -> None:
        """It did."""
        for silent in (self._silent, self._places[address].silent):
            silent.pop(cut, None)

    def closed(self, cut: Cut, address: str) -> None:
        """It is gone."""
        self.has_asked(cut, address)
        self._count -= 1
        place = self._places[address]
        place.count -= 1
        if not place.count:
            del self._places[address]
