"""A run that does nothing, again and again, and how long each took from its submit to its end as a client hears of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

LIMIT_S: Final = 120.0
_AT_ONCE: Final = 150


@dataclass(frozen=True, slots=True)
class Flight:
    """One: when it began, on the clock of `time.monotonic`, how long until it was accepted and ended, why it failed, if so."""

    began_s: float
    accepted_s: float
    took_s: float
    why: str = ""

    @property
    def ended_s(self) -> float:
        """When it was heard of."""
        return self.began_s + self.took_s


class Canary:
    """Flies from its first to its last moment, and never waits for the one before."""

    def __init__(self, submit: Callable[[], str], wait: Callable[[str], object], every_s: float) -> None:
        """`submit` gives the id of a run, `wait` returns when it has ended; either raises where it does not complete."""
        self._submit = submit
        self._wait = wait
        self._every_s = every_s
        self._over = threading.Event()
        self._threads = ThreadPoolExecutor(_AT_ONCE)
        self._thread = threading.Thread(target=self._run, name="canary")
        self._flights: list[Flight] = []
        self._in_the_air: set[float] = set()
        self.start = self._thread.start

    def _run(self) -> None:
        next_s = time.monotonic()
        while not self._over.wait(max(0, next_s - time.monotonic())):
            self._threads.submit(self._one)
            next_s += self._every_s

    def _one(self) -> None:
        began_s = accepted_s = time.monotonic()
        self._in_the_air.add(began_s)
        why = ""
        try:
            run_id = self._submit()
            accepted_s = time.monotonic()
            self._wait(run_id)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"[:120]
        self._flights.append(Flight(began_s, accepted_s - began_s, time.monotonic() - began_s, why))
        self._in_the_air.discard(began_s)

    def in_the_air(self, begin_s: float, end_s: float) -> int:
        """How many of those that began then are not over."""
        return sum(begin_s <= began_s < end_s for began_s in list(self._in_the_air))

    def between(self, begin_s: float, end_s: float) -> list[Flight]:
        """Those that began then and are over."""
        return [one for one in list(self._flights) if begin_s <= one.began_s < end_s]

    def stop(self) -> None:
        """Begin no more, and wait for those in the air."""
        self._over.set()
        self._thread.join()
        self._threads.shutdown()


def percentile(values: Iterable[float], part: float) -> float:
    """0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def took(flights: Iterable[Flight], part: float) -> float:
    """The percentile of how long they took."""
    return percentile((one.took_s for one in flights), part)


def recovered_s(flights: list[Flight], since_s: float, usual_s: float) -> float | None:
    """How long after `since_s` the first of three in a row began that took no longer than usual; None when none did."""
    later = sorted((one for one in flights if one.began_s >= since_s), key=lambda one: one.began_s)
    for first, second, third in zip(later, later[1:], later[2:], strict=False):
        if all(one.took_s <= usual_s and not one.why for one in (first, second, third)):
            return first.began_s - since_s
    return None
