"""Arrivals played over one to many hosts, through the functions that decide on real ones.

Events in the order of time: a run arrives, an attempt ends, a container that was started ahead is ready. After each, the host asks
`choose` what starts and `plan_pool` what is started ahead. Nothing here waits, reads a clock or draws a random number: who calls
gives the arrivals. What is not modelled: that starts slow each other down, chained runs, failures.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Literal

from orchestrator.core.scheduling.capacity import Amount, Holder, Reservation
from orchestrator.core.scheduling.dispatch import QueuedRun, RecentStarts, choose
from orchestrator.core.scheduling.estimate import Need
from orchestrator.core.scheduling.pool import Demand, Kind, PoolLimits, Situation, WarmContainer, plan_pool

LOOK_AHEAD: Final = 64
REFILL_MS: Final = 100
"""A host plans its pool no more often than this."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A run that is submitted to a host (counted from 0) and works for `work_ms`, using `memory_bytes`."""

    at_ms: int
    host: int
    kind: Kind
    work_ms: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Setup:
    """What every host is like; `cold_ms` and `warm_ms` pass from the decision to start until the task's first line.

    `reserved_bytes` is the memory reserved for each run, None for its plan's.
    """

    capacity: Amount
    reservation: Reservation
    pool: PoolLimits | None
    cold_ms: int = 250
    warm_ms: int = 10
    warm_memory_bytes: int = 15 * 1024 * 1024
    reserved_bytes: int | None = None


@dataclass(slots=True)
class Outcome:
    """What came of it: for each run how long it waited for a place, and until its first line; and what one host used at most."""

    waits_ms: list[int] = field(default_factory=list)
    queued_ms: list[int] = field(default_factory=list)
    hits: int = 0
    most_running: int = 0
    most_warm: int = 0
    most_memory_bytes: int = 0
    ended_at_ms: int = 0

    @property
    def hit_rate(self) -> float:
        """The part of the runs that found a container that was started ahead."""
        return self.hits / len(self.waits_ms) if self.waits_ms else 0.0


Event = tuple[int, int, Literal["arrives", "ends", "ready"], int, object]
"""At which time, a number that keeps equal times in order, what, on which host, and of which run or container."""


def simulate(arrivals: Iterable[Arrival], setup: Setup) -> Outcome:
    """Play them all to the end; arrivals come in any order."""
    outcome = Outcome()
    hosts: dict[int, _Host] = {}
    numbers = count()
    events: list[Event] = [(one.at_ms, next(numbers), "arrives", one.host, one) for one in arrivals]
    heapq.heapify(events)
    while events:
        now_ms, _, what, index, subject = heapq.heappop(events)
        host = hosts.setdefault(index, _Host(setup, outcome))
        for at_ms, later, of in host.after(what, subject, now_ms):
            heapq.heappush(events, (at_ms, next(numbers), later, index, of))
        outcome.ended_at_ms = now_ms
    return outcome


Later = tuple[int, Literal["ends", "ready"], object]


class _Host:
    def __init__(self, setup: Setup, outcome: Outcome) -> None:
        self._setup = setup
        self._outcome = outcome
        self._queue: deque[Arrival] = deque()
        self._running: dict[int, Arrival] = {}
        self._running_bytes = 0
        self._warm: dict[str, WarmContainer] = {}
        self._starting: Counter[Kind] = Counter()
        self._demand = Demand()
        self._recent = RecentStarts()
        self._numbers = count()
        self._planned_at_ms = -REFILL_MS

    def after(self, what: str, subject: object, now_ms: int) -> list[Later]:
        """Take note of the event; what will happen because of it."""
        if isinstance(subject, Arrival):
            self._queue.append(subject)
        elif isinstance(subject, Kind):
            self._starting[subject] -= 1
            name = f"warm-{next(self._numbers)}"
            self._warm[name] = WarmContainer(name, subject, now_ms, self._setup.warm_memory_bytes)
        elif isinstance(subject, int):
            self._running_bytes -= self._running.pop(subject).memory_bytes
        later = [*self._start(now_ms), *self._refill(now_ms)]
        self._measure()
        return later

    def _start(self, now_ms: int) -> Iterable[Later]:
        if not self._queue:
            return
        head = {str(index): one for index, one in zip(range(LOOK_AHEAD), self._queue, strict=False)}
        queue = [
            QueuedRun(
                f"{int(name):06}",
                one.kind.plan,
                created_at_ms=one.at_ms,
                workflow_id=one.kind.version_id,
                need=Need(memory_bytes=self._setup.reserved_bytes),
            )
            for name, one in head.items()
        ]
        holders = [
            Holder(one.kind.plan, workflow_id=one.kind.version_id, need=Need(memory_bytes=self._setup.reserved_bytes))
            for one in self._running.values()
        ]
        chosen = choose(
            holders,
            queue,
            self._setup.capacity,
            now_ms=now_ms,
            reservation=self._setup.reservation,
            recent=self._recent,
        )
        for run in chosen:
            arrival = head[str(int(run.run_id))]
            self._queue.remove(arrival)
            self._recent.note(run, now_ms)
            yield self._begin(arrival, now_ms)

    def _begin(self, arrival: Arrival, now_ms: int) -> Later:
        self._demand.note(arrival.kind, now_ms)
        warm = next((name for name, one in self._warm.items() if one.kind == arrival.kind), None)
        if warm is not None:
            del self._warm[warm]
            self._outcome.hits += 1
        first_line_ms = now_ms + (self._setup.cold_ms if warm is None else self._setup.warm_ms)
        self._outcome.waits_ms.append(first_line_ms - arrival.at_ms)
        self._outcome.queued_ms.append(now_ms - arrival.at_ms)
        number = next(self._numbers)
        self._running[number] = arrival
        self._running_bytes += arrival.memory_bytes
        return (first_line_ms + arrival.work_ms, "ends", number)

    def _refill(self, now_ms: int) -> Iterable[Later]:
        if self._setup.pool is None or now_ms - self._planned_at_ms < REFILL_MS:
            return
        self._planned_at_ms = now_ms
        starting = [
            WarmContainer(f"{kind}-{n}", kind, now_ms) for kind, left in self._starting.items() for n in range(left)
        ]
        kinds = {*(one.kind for one in self._warm.values()), *(one.kind for one in self._running.values())}
        situation = Situation(
            minimums=dict.fromkeys(kinds, 0),
            spare_bytes=self._setup.capacity.memory_bytes - self._running_bytes,
            are_runs_waiting=bool(self._queue),
            start_ms=self._setup.cold_ms,
            now_ms=now_ms,
        )
        plan = plan_pool(self._demand, [*self._warm.values(), *starting], self._setup.pool, situation)
        for name in plan.stop:
            self._warm.pop(name, None)
        for kind in plan.start:
            self._starting[kind] += 1
            yield (now_ms + self._setup.cold_ms, "ready", kind)

    def _measure(self) -> None:
        warm_bytes = len(self._warm) * self._setup.warm_memory_bytes
        self._outcome.most_running = max(self._outcome.most_running, len(self._running))
        self._outcome.most_warm = max(self._outcome.most_warm, len(self._warm))
        self._outcome.most_memory_bytes = max(self._outcome.most_memory_bytes, self._running_bytes + warm_bytes)
