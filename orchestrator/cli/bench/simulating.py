"""Settings compared on the same arrivals: every choice of pool and overcommit on offer, played to the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from orchestrator.cli.bench.arrivals import Workload, arrivals
from orchestrator.cli.bench.samples import percentile
from orchestrator.core.plans import GIB
from orchestrator.core.scheduling.capacity import Amount, Reservation
from orchestrator.core.scheduling.pool import PoolLimits
from orchestrator.core.scheduling.simulation import Outcome, Setup, simulate


@dataclass(frozen=True, slots=True)
class SimulatedHost:
    """What each host has, and how long a start takes there.

    `reserved_bytes` is the memory that is reserved for a run, as for a task whose use is known; None for its plan's.
    """

    cpus: float = 2.0
    memory_bytes: int = 8 * GIB
    cold_ms: int = 250
    warm_ms: int = 10
    reserved_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Containers started ahead of each kind at most (0 is none), what they may use, and the share of a plan's CPU reserved."""

    pool: int
    budget_bytes: int
    overcommit: float

    def setup(self, host: SimulatedHost) -> Setup:
        """A host with these settings."""
        pool = PoolLimits(self.budget_bytes, most_per_kind=self.pool) if self.pool else None
        capacity = Amount(round(host.cpus * 1000), host.memory_bytes)
        return Setup(
            capacity,
            Reservation(self.overcommit),
            pool,
            host.cold_ms,
            host.warm_ms,
            reserved_bytes=host.reserved_bytes,
        )


@dataclass(frozen=True, slots=True)
class Played:
    """A choice and what came of it."""

    choice: Choice
    outcome: Outcome

    def as_json(self) -> dict[str, Any]:
        """For --json; times in ms, sizes in bytes and of the fullest host."""
        return {
            "pool": self.choice.pool,
            "budgetBytes": self.choice.budget_bytes,
            "overcommit": self.choice.overcommit,
            "runs": len(self.outcome.waits_ms),
            "queued": _percentiles(self.outcome.queued_ms),
            "firstLine": _percentiles(self.outcome.waits_ms),
            "hitRate": round(self.outcome.hit_rate, 4),
            "mostRunning": self.outcome.most_running,
            "mostWarm": self.outcome.most_warm,
            "mostMemoryBytes": self.outcome.most_memory_bytes,
        }


def choices(pools: Sequence[int], budgets_bytes: Sequence[int], overcommits: Sequence[float]) -> list[Choice]:
    """Every combination, in order."""
    return [Choice(*one) for one in product(pools, budgets_bytes, overcommits)]


def play(workload: Workload, host: SimulatedHost, offered: Sequence[Choice]) -> Iterator[Played]:
    """Each choice on the same arrivals, as soon as it is played."""
    played = list(arrivals(workload))
    for choice in offered:
        yield Played(choice, simulate(played, choice.setup(host)))


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    return {f"p{percent}": round(percentile(values, percent), 1) for percent in (50, 99)}
