"""How many containers to start ahead, of what, and which to let go: a pure function of recent demand and of what is there.

Rule 1: of every kind in recent demand there are as many as arrived at once lately, and one more, but no more than `most_per_kind`;
        never fewer than its minimum.
Rule 2: all together use no more memory than `budget_bytes`, nor than runs leave free: the pool yields at once, first what was
        in demand longest ago.
Rule 3: nothing is started ahead while runs wait for a place: a refill never slows a run down.
Rule 4: one of a kind is started at a time, and a kind that loads slowly does not keep the others from theirs.
Rule 5: what is too old, of a version that no longer serves, or of a kind that nobody asks for any more, goes.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestrator.core.container.network import EVERYWHERE, Reach
from orchestrator.core.plans import MIB
from orchestrator.core.tasks import TaskSpec

ARRIVALS_KEPT: Final = 256
"""Of each kind; a burst that is larger than this is as good as any."""
FIRST_GUESS_BYTES: Final = 32 * MIB
"""What a container that waits uses, until one of its kind was measured."""


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """What a warm container can run: any task of the version with its plan, and its reach."""

    version_id: str
    plan: str
    reach: Reach = EVERYWHERE

    @classmethod
    def of(cls, version_id: str, task: TaskSpec) -> Kind:
        """What runs of the task need."""
        return cls(version_id, task.plan, task.network)


@dataclass(frozen=True, slots=True)
class WarmContainer:
    """A container started ahead that has no run; `memory_bytes` is what it really uses, 0 when not measured yet."""

    id: str
    kind: Kind
    started_at_ms: int
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """What the pool may be; `idle_ms` is how long a kind stays in demand after its last arrival."""

    budget_bytes: int
    most_per_kind: int = 5
    idle_ms: int = 15 * 60_000
    max_age_ms: int = 60 * 60_000
    starts_at_once: int = 1


NO_POOL: Final = PoolLimits(budget_bytes=0, most_per_kind=0)


@dataclass(slots=True)
class Rests:
    """Versions whose containers end by themselves while they wait: each time, none is started ahead for twice as long."""

    first_ms: int = 30_000
    most_ms: int = 60 * 60_000
    _rests: dict[str, tuple[int, int]] = field(default_factory=dict)
    """When each is over, and how long it is."""

    def note(self, version_id: str, now_ms: int) -> None:
        """One ended; those that end meanwhile, started before, count as the same time."""
        until_ms, last_ms = self._rests.get(version_id, (0, 0))
        if now_ms >= until_ms:
            is_again = now_ms < until_ms + last_ms
            rest_ms = min(2 * last_ms, self.most_ms) if is_again else self.first_ms
            self._rests[version_id] = (now_ms + rest_ms, rest_ms)

    def has(self, version_id: str, now_ms: int) -> bool:
        """Whether none of it is to be started now."""
        return now_ms < self._rests.get(version_id, (0, 0))[0]


@dataclass(frozen=True, slots=True)
class Situation:
    """What counts beside demand.

    `minimums` has the kinds that may be started ahead with their minimum, 0 for "as demand says". `spare_bytes` is what runs
    leave of the memory, `start_ms` how long a start takes, `loading` has the kinds of which one is
    being started.
    """

    minimums: Mapping[Kind, int]
    spare_bytes: int
    are_runs_waiting: bool
    start_ms: int
    now_ms: int
    loading: frozenset[Kind] = frozenset()


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """What to do: kinds to start one of, in order, and ids of containers to remove."""

    start: tuple[Kind, ...] = ()
    stop: tuple[str, ...] = ()


@dataclass(slots=True)
class Demand:
    """The recent arrivals of each kind."""

    _arrivals: defaultdict[Kind, deque[int]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=ARRIVALS_KEPT))
    )

    def note(self, kind: Kind, now_ms: int) -> None:
        """A run of this kind was to be started; time never goes back."""
        self._arrivals[kind].append(now_ms)

    def kinds(self) -> list[Kind]:
        """Those that were asked for."""
        return list(self._arrivals)

    def forget_before(self, at_ms: int) -> None:
        """Drop the kinds that nobody has asked for since."""
        for kind in [kind for kind, arrivals in self._arrivals.items() if arrivals[-1] < at_ms]:
            del self._arrivals[kind]

    def last_ms(self, kind: Kind) -> int | None:
        """When a run of this kind came last."""
        arrivals = self._arrivals.get(kind)
        return arrivals[-1] if arrivals else None

    def burst(self, kind: Kind, window_ms: int, since_ms: int) -> int:
        """The most that came within a window of this length, since then."""
        most, first = 0, 0
        arrivals = [at_ms for at_ms in self._arrivals.get(kind, ()) if at_ms >= since_ms]
        for index, at_ms in enumerate(arrivals):
            while arrivals[first] < at_ms - window_ms:
                first += 1
            most = max(most, index + 1 - first)
        return most


def plan_pool(demand: Demand, warm: Sequence[WarmContainer], limits: PoolLimits, situation: Situation) -> PoolPlan:
    """What to start and what to remove now."""
    wanted = {kind: _wanted(kind, minimum, demand, limits, situation) for kind, minimum in situation.minimums.items()}
    kept, stop = _sorted_out(warm, wanted, limits, situation.now_ms)
    budget_bytes = min(limits.budget_bytes, situation.spare_bytes)
    kept, over = _within(budget_bytes, kept, demand)
    startable = {kind: count for kind, count in wanted.items() if kind not in situation.loading}
    missing = Counter(startable) - Counter(one.kind for one in kept)
    start = () if situation.are_runs_waiting or over else _starts(missing, kept, budget_bytes, demand, limits)
    return PoolPlan(tuple(start), tuple([*stop, *over]))


def _wanted(kind: Kind, minimum: int, demand: Demand, limits: PoolLimits, situation: Situation) -> int:
    last_ms = demand.last_ms(kind)
    if last_ms is None or situation.now_ms - last_ms >= limits.idle_ms:
        return minimum
    burst = demand.burst(kind, situation.start_ms, situation.now_ms - limits.idle_ms)
    return max(minimum, min(limits.most_per_kind, burst + 1))


def _sorted_out(
    warm: Iterable[WarmContainer], wanted: Mapping[Kind, int], limits: PoolLimits, now_ms: int
) -> tuple[list[WarmContainer], list[str]]:
    """Those that are wanted, the youngest of each kind, and the ids of the others."""
    kept: list[WarmContainer] = []
    stop: list[str] = []
    left = dict(wanted)
    for one in sorted(warm, key=lambda one: (-one.started_at_ms, one.id)):
        if left.get(one.kind, 0) and now_ms - one.started_at_ms < limits.max_age_ms:
            left[one.kind] -= 1
            kept.append(one)
        else:
            stop.append(one.id)
    return kept, stop


def _within(budget_bytes: int, kept: Sequence[WarmContainer], demand: Demand) -> tuple[list[WarmContainer], list[str]]:
    """Those that fit into the budget, of the latest demand first, and the ids of those that do not."""
    used_bytes, fitting, over = 0, list[WarmContainer](), list[str]()
    for one in sorted(kept, key=lambda one: (-_last(demand, one.kind), one.kind, one.started_at_ms, one.id)):
        used_bytes += one.memory_bytes
        if used_bytes <= budget_bytes:
            fitting.append(one)
        else:
            over.append(one.id)
    return fitting, over


def _starts(
    missing: Mapping[Kind, int], kept: Sequence[WarmContainer], budget_bytes: int, demand: Demand, limits: PoolLimits
) -> list[Kind]:
    """The kinds to start one of: first those that have none, then those of the latest demand."""
    there = Counter(one.kind for one in kept)
    used_bytes = sum(one.memory_bytes for one in kept)
    starts: list[Kind] = []
    candidates = [kind for kind, count in missing.items() for _ in range(count)]
    for kind in sorted(candidates, key=lambda kind: (there[kind] > 0, -_last(demand, kind), kind)):
        used_bytes += max((one.memory_bytes for one in kept if one.kind == kind), default=FIRST_GUESS_BYTES)
        if len(starts) == limits.starts_at_once or used_bytes > budget_bytes:
            break
        starts.append(kind)
    return starts


def _last(demand: Demand, kind: Kind) -> float:
    last_ms = demand.last_ms(kind)
    return -math.inf if last_ms is None else last_ms
