"""Runs as they might be submitted to many hosts: a few patterns, each the same for the same seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Final

from orchestrator.cli.bench.pattern import Pattern
from orchestrator.core.plans import MIB
from orchestrator.core.scheduling.pool import Kind
from orchestrator.core.scheduling.simulation import Arrival

BURST: Final = 20
"""Mean size of a burst."""
DAY_S: Final = 600.0
"""A day of the daily pattern, made short."""
SPIKE: Final = 10.0
"""How many times the usual rate a spike has."""
_SPREAD: Final = 0.8
"""Sigma of the lognormal work time: one of twenty works four times as long as the median."""


@dataclass(frozen=True, slots=True)
class Workload:
    """So many `runs` on `hosts`, `rate_per_s` on each in the mean, of `workflows` of which the first is asked for most.

    `work_ms` is the median of how long a run works, `memory_bytes` what it uses.
    """

    pattern: Pattern = Pattern.STEADY
    hosts: int = 1
    runs: int = 2_000
    rate_per_s: float = 1.0
    workflows: int = 3
    plan: str = "standard"
    work_ms: int = 500
    memory_bytes: int = 100 * MIB
    seed: int = 1

    @property
    def length_s(self) -> float:
        """How long it takes until all have come, in the mean; a spike makes it shorter."""
        return self.runs / (self.rate_per_s * self.hosts)


def arrivals(workload: Workload) -> Iterator[Arrival]:
    """All of them, by time."""
    random = Random(workload.seed)  # it only has to look like chance
    groups = _groups(workload, random)
    made = 0
    for at_s, size in groups:
        host, kind = random.randrange(workload.hosts), _kind(workload, random)
        for _ in range(min(size, workload.runs - made)):
            yield Arrival(round(at_s * 1000), host, kind, _work_ms(workload, random), workload.memory_bytes)
            made += 1
        if made == workload.runs:
            return


def _groups(workload: Workload, random: Random) -> Iterator[tuple[float, int]]:
    """When somebody submits, and how many at once: a Poisson process, thinned to the pattern's rate."""
    most = {Pattern.DAILY: 1.9, Pattern.SPIKE: SPIKE}.get(workload.pattern, 1.0)
    is_bursty = workload.pattern is Pattern.BURSTS
    groups_per_s = workload.rate_per_s * workload.hosts / (BURST if is_bursty else 1)
    at_s = 0.0
    for _ in count():
        at_s += random.expovariate(groups_per_s * most)
        if random.random() * most < _RATES[workload.pattern](at_s, workload):
            yield at_s, 1 + round(random.expovariate(1 / (BURST - 1))) if is_bursty else 1


_RATES: Final[dict[Pattern, Callable[[float, Workload], float]]] = {
    Pattern.STEADY: lambda at_s, workload: 1.0,
    Pattern.BURSTS: lambda at_s, workload: 1.0,
    Pattern.DAILY: lambda at_s, workload: 1 - 0.9 * math.cos(2 * math.pi * at_s / DAY_S),
    Pattern.SPIKE: lambda at_s, workload: SPIKE if 0.25 <= at_s / workload.length_s < 0.3 else 1.0,
}
"""Times the mean rate, at each moment."""


def _kind(workload: Workload, random: Random) -> Kind:
    """The first workflow twice as often as the second, that three halves as often as the third: Zipf's law."""
    weights = [1 / (number + 1) for number in range(workload.workflows)]
    (number,) = random.choices(range(workload.workflows), weights)
    return Kind(f"workflow-{number}", workload.plan)


def _work_ms(workload: Workload, random: Random) -> int:
    return max(1, round(random.lognormvariate(math.log(workload.work_ms), _SPREAD)))
