"""Which queued runs may start now.

Every attempt with a container holds its plan's CPU and memory, clamped to the host, while it works. A parent that only waits for
children holds no CPU and just the memory it really uses. The queue's order is strict: nothing overtakes its head, so a large run
cannot be starved by small ones. If nothing but waiting parents is running, the head starts even over capacity: so every
tree finishes, at capacity 1 too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orchestrator.core.plans import PLANS


@dataclass(frozen=True, slots=True)
class Amount:
    """CPU (1000 millis are one CPU) and memory."""

    cpu_millis: int
    memory_bytes: int

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.cpu_millis + other.cpu_millis, self.memory_bytes + other.memory_bytes)

    def fits(self, capacity: Amount) -> bool:
        """Whether it is no more than the capacity in either."""
        return self.cpu_millis <= capacity.cpu_millis and self.memory_bytes <= capacity.memory_bytes

    def clamped(self, capacity: Amount) -> Amount:
        """The same, but never more than the whole host."""
        return Amount(min(self.cpu_millis, capacity.cpu_millis), min(self.memory_bytes, capacity.memory_bytes))


@dataclass(frozen=True, slots=True)
class Holder:
    """An attempt that has a container; `used_bytes` is its real memory use and counts only while it waits."""

    plan: str
    is_waiting: bool = False
    used_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A queued run."""

    run_id: str
    plan: str


def reserved(plan: str, capacity: Amount) -> Amount:
    """What a working attempt of the plan holds."""
    of = PLANS[plan]
    return Amount(of.cpu_millis, of.memory_bytes).clamped(capacity)


def held(holder: Holder, capacity: Amount) -> Amount:
    """What the attempt holds now."""
    if holder.is_waiting:
        return Amount(0, holder.used_bytes)
    return reserved(holder.plan, capacity)


def choose(holders: Iterable[Holder], queue: Sequence[Candidate], capacity: Amount) -> list[str]:
    """The ids of the runs to start now, in order; `queue` is in the order in which runs should start."""
    holders = list(holders)
    total = sum((held(holder, capacity) for holder in holders), Amount(0, 0))
    is_working = any(not holder.is_waiting for holder in holders)
    chosen: list[str] = []
    for candidate in queue:
        wanted = total + reserved(candidate.plan, capacity)
        if not wanted.fits(capacity) and (is_working or chosen):
            break
        chosen.append(candidate.run_id)
        total = wanted
    return chosen
