"""Which queued runs may start now.

Rule 1: every attempt with a container holds its plan's CPU and memory, clamped to the host, and what any container may take of
        processes and disk. A parent that only waits for children holds no CPU, and just the memory and processes it really uses.
Rule 2: trees are finished before new ones begin: the queue has deeper runs first, then older ones.
Rule 3: nothing overtakes a run that does not fit, except that for its first `OVERTAKEN_MS` a root lets through roots that do. So
        a large run costs the small ones little, and small ones cannot starve it.
Rule 4: if nothing but waiting parents is running, the head of the queue starts even over capacity: so every tree finishes, at
        capacity 1 too.
Rule 5: when less disk is free than must stay free, nothing starts at all: only somebody from outside can help.

A parent whose wait is over holds its plan again at once, even over capacity: it cannot be asked to hold its breath. Nothing
new starts until what is held fits again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.container.spec import LOG_BYTES, PIDS_LIMIT, Usage
from orchestrator.core.plans import PLANS

UNBOUNDED: Final = 2**62

OVERTAKEN_MS: Final = 60_000
"""How long after its creation a root that does not fit may be overtaken."""


@dataclass(frozen=True, slots=True)
class Amount:
    """CPU (1000 millis are one CPU), memory, processes and disk; a capacity has no bound where it says nothing."""

    cpu_millis: int
    memory_bytes: int
    pids: int = UNBOUNDED
    disk_bytes: int = UNBOUNDED

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.cpu_millis + other.cpu_millis,
            self.memory_bytes + other.memory_bytes,
            self.pids + other.pids,
            self.disk_bytes + other.disk_bytes,
        )

    def fits(self, capacity: Amount) -> bool:
        """Whether it is no more than the capacity in any of them."""
        return (
            self.cpu_millis <= capacity.cpu_millis
            and self.memory_bytes <= capacity.memory_bytes
            and self.pids <= capacity.pids
            and self.disk_bytes <= capacity.disk_bytes
        )


@dataclass(frozen=True, slots=True)
class Holder:
    """An attempt that has a container; `used` is what it really uses, and counts only while it waits."""

    plan: str
    is_waiting: bool = False
    used: Usage = Usage()  # noqa: RUF009  # immutable


@dataclass(frozen=True, slots=True)
class QueuedRun:
    """A queued run."""

    run_id: str
    plan: str
    depth: int = 0
    created_at_ms: int = 0

    def may_be_overtaken(self, now_ms: int) -> bool:
        """Whether others may start before it although it does not fit."""
        return self.depth == 0 and now_ms - self.created_at_ms < OVERTAKEN_MS


def reserved(plan: str, capacity: Amount) -> Amount:
    """What a working attempt of the plan holds; never more than the whole host's CPU and memory."""
    of = PLANS[plan]
    return Amount(
        min(of.cpu_millis, capacity.cpu_millis), min(of.memory_bytes, capacity.memory_bytes), PIDS_LIMIT, LOG_BYTES
    )


def held(holder: Holder, capacity: Amount) -> Amount:
    """What the attempt holds now."""
    if holder.is_waiting:
        return Amount(0, holder.used.memory_bytes, holder.used.pids, LOG_BYTES)
    return reserved(holder.plan, capacity)


def total(holders: Iterable[Holder], capacity: Amount) -> Amount:
    """What the attempts hold together."""
    amounts = [held(holder, capacity) for holder in holders]
    return Amount(
        sum(amount.cpu_millis for amount in amounts),
        sum(amount.memory_bytes for amount in amounts),
        sum(amount.pids for amount in amounts),
        sum(amount.disk_bytes for amount in amounts),
    )


def choose(holders: Sequence[Holder], queue: Sequence[QueuedRun], capacity: Amount, *, now_ms: int) -> list[str]:
    """The ids of the runs to start now, in order; `queue` is in the order in which runs should start.

    `capacity.disk_bytes` is what may still be written, less than 0 when too little is free.
    """
    if capacity.disk_bytes < 0:
        return []
    taken = total(holders, capacity)
    is_working = any(not holder.is_waiting for holder in holders)
    chosen: list[str] = []
    for candidate in queue:
        wanted = taken + reserved(candidate.plan, capacity)
        if wanted.fits(capacity) or not (is_working or chosen):
            chosen.append(candidate.run_id)
            taken = wanted
        elif not candidate.may_be_overtaken(now_ms):
            break
    return chosen
