"""What attempts hold of the host.

Rule 1: a plan caps a container; what it *reserves* may be less: a share of the plan's CPU, for most tasks wait for others and the
        kernel shares what there is, and the memory its task is known to use, until that is known its plan's.
Rule 2: a parent that only waits for children holds no CPU, and just the memory and processes it really uses.
Rule 3: nobody holds more than the host has, so that a plan larger than the host can run alone.

A parent whose wait is over holds its reservation again at once, even over capacity: it cannot be asked to hold its breath.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from orchestrator.core.container.spec import LOG_BYTES, PIDS_LIMIT, Usage
from orchestrator.core.plans import PLANS

UNBOUNDED: Final = 2**62


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

    def share_of(self, capacity: Amount) -> float:
        """The largest part it is of the capacity's CPU or memory: its dominant share."""
        return max(self.cpu_millis / max(1, capacity.cpu_millis), self.memory_bytes / max(1, capacity.memory_bytes))


@dataclass(frozen=True, slots=True)
class Holder:
    """An attempt that has a container.

    `memory_bytes` is what is reserved for it, None for its plan's; `used` what it really uses, which counts only while it waits.
    """

    plan: str
    is_waiting: bool = False
    used: Usage = Usage()  # noqa: RUF009  # immutable
    memory_bytes: int | None = None
    root_id: str = ""
    workflow_id: str = ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """How much of a plan is reserved; `cpu_share` is from 0 (exclusive) to 1, which is strict."""

    cpu_share: float = 1.0

    def of(self, plan: str, capacity: Amount, memory_bytes: int | None = None) -> Amount:
        """What a working attempt of the plan holds; never more than the whole host's CPU and memory."""
        cap = PLANS[plan]
        return Amount(
            min(round(cap.cpu_millis * self.cpu_share), capacity.cpu_millis),
            min(cap.memory_bytes, capacity.memory_bytes, cap.memory_bytes if memory_bytes is None else memory_bytes),
            PIDS_LIMIT,
            LOG_BYTES,
        )

    def held(self, holder: Holder, capacity: Amount) -> Amount:
        """What the attempt holds now."""
        if holder.is_waiting:
            return Amount(holder.used.cpu_millis, holder.used.memory_bytes, holder.used.pids, LOG_BYTES)
        return self.of(holder.plan, capacity, holder.memory_bytes)

    def total(self, holders: Iterable[Holder], capacity: Amount) -> Amount:
        """What the attempts hold together."""
        return sum((self.held(holder, capacity) for holder in holders), Amount(0, 0, 0, 0))


STRICT: Final = Reservation()
