"""What attempts hold of the host.

Rule 1: a plan caps a container; what it *reserves* may be less: a share of the plan's CPU, for most tasks wait for others and the
        kernel shares what there is by the plans' weights, and the memory its task is known to use, until that is known its
        plan's. A task that is known to need less CPU than that share reserves what it needs.
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
from orchestrator.core.scheduling.estimate import UNKNOWN, Need

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

    `need` is what its task is known to need; `used` what it really uses, which counts only while it waits. `is_starting` while the
    engine has not started its container.
    """

    plan: str
    is_waiting: bool = False
    used: Usage = Usage()  # noqa: RUF009  # immutable
    need: Need = UNKNOWN
    root_id: str = ""
    workflow_id: str = ""
    is_starting: bool = False


@dataclass(frozen=True, slots=True)
class Reservation:
    """How much of a plan is reserved: by default all of it.

    `cpu_share` is from 0 (exclusive) to 1, which is strict: then what a task is known to need does not count. `memory_by_need`: of
    memory it does.
    """

    cpu_share: float = 1.0
    memory_by_need: bool = False

    def of(self, plan: str, capacity: Amount, need: Need = UNKNOWN) -> Amount:
        """What a working attempt of the plan holds; never more than its plan, nor than the whole host's CPU and memory."""
        cap = PLANS[plan]
        cpu_millis = round(cap.cpu_millis * self.cpu_share)
        if self.cpu_share < 1 and need.cpu_millis is not None:
            cpu_millis = min(cpu_millis, need.cpu_millis)
        memory_bytes = cap.memory_bytes
        if self.memory_by_need and need.memory_bytes is not None:
            memory_bytes = min(memory_bytes, need.memory_bytes)
        return Amount(
            min(cpu_millis, capacity.cpu_millis), min(memory_bytes, capacity.memory_bytes), PIDS_LIMIT, LOG_BYTES
        )

    def held(self, holder: Holder, capacity: Amount) -> Amount:
        """What the attempt holds now."""
        if holder.is_waiting:
            return Amount(holder.used.cpu_millis, holder.used.memory_bytes, holder.used.pids, LOG_BYTES)
        return self.of(holder.plan, capacity, holder.need)

    def total(self, holders: Iterable[Holder], capacity: Amount) -> Amount:
        """What the attempts hold together."""
        return sum((self.held(holder, capacity) for holder in holders), Amount(0, 0, 0, 0))


STRICT: Final = Reservation()
