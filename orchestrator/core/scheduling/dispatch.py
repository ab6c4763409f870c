"""Which queued runs may start now.

Rule 1: what there is, is shared between workflows by weight, and in a workflow between its trees: the next to start is of the
        workflow, then of the tree, that holds the smallest dominant share for its working attempts. Of workflows that hold the
        same, it is the one that had fewer starts lately; of trees, the older one, unless it had many starts lately. So a small
        tree is finished before younger ones begin, and a wide one does not keep them waiting.
Rule 2: inside a tree deeper runs go first, then older ones: a tree is finished before it grows.
Rule 3: nothing overtakes a run that does not fit, except that for its first `OVERTAKEN_MS` a root lets others through. So
        a large run costs the small ones little, and small ones cannot starve it.
Rule 4: if nothing but waiting parents is running, the first in order starts even over capacity: so every tree finishes, at
        capacity 1 too.
Rule 5: when less disk is free than must stay free, nothing starts at all: only somebody from outside can help. While the host
        itself is short of memory, nothing starts either, except that rule 4 holds where parents wait: what they hold may be it.
Rule 6: only so many containers are being started at once: more would make all of them slow.
Rule 7: what is paused, a workflow or a task, does not start, not even by rule 4, and keeps nobody else waiting.

The sharing is Dominant Resource Fairness (Ghodsi et al., NSDI 2011), over containers instead of demands.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from orchestrator.core.scheduling.capacity import STRICT, UNBOUNDED, Amount, Holder, Reservation
from orchestrator.core.scheduling.estimate import UNKNOWN, Need

OVERTAKEN_MS: Final = 60_000
"""How long after its creation a root that does not fit may be overtaken."""

WIDE_STARTS: Final = 16
"""A tree with more starts than this lately lets younger ones go first; with twice as many, those that had half."""
HALF_LIFE_MS: Final = 30_000
"""What counts as lately: a start counts half after this time, so nobody has to stand back for long."""

EQUAL: Final[Mapping[str, float]] = MappingProxyType({})
"""Every workflow weighs 1."""


@dataclass(frozen=True, slots=True)
class QueuedRun:
    """A queued run; `need` is what its task is known to need, `reserves_plan` that its plan is reserved all the same."""

    run_id: str
    plan: str
    depth: int = 0
    created_at_ms: int = 0
    root_id: str = ""
    workflow_id: str = ""
    task_id: str = ""
    version_id: str = ""
    need: Need = UNKNOWN
    reserves_plan: bool = False

    @property
    def tree(self) -> str:
        """The root of its tree; ids sort by age."""
        return self.root_id or self.run_id

    def is_of(self, paused: Set[str]) -> bool:
        """Whether its workflow or its task is one of those."""
        return self.workflow_id in paused or self.task_id in paused

    def may_be_overtaken(self, now_ms: int) -> bool:
        """Whether others may start before it although it does not fit."""
        return self.depth == 0 and now_ms - self.created_at_ms < OVERTAKEN_MS


class RecentStarts:
    """How many runs of each tree and workflow were started lately; older starts count less and less."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}

    def note(self, run: QueuedRun, now_ms: int) -> None:
        """The run starts."""
        for name in (run.tree, run.workflow_id):
            self._counts[name] = (self.of(name, now_ms) + 1, now_ms)

    def of(self, name: str, now_ms: int) -> float:
        """The decayed count of a tree's or workflow's starts."""
        count, at_ms = self._counts.get(name, (0.0, now_ms))
        return float(count * 0.5 ** ((now_ms - at_ms) / HALF_LIFE_MS))

    def forget_old(self, now_ms: int) -> None:
        """Drop what hardly counts any more."""
        self._counts = {name: kept for name, kept in self._counts.items() if self.of(name, now_ms) >= 0.1}


NOTHING_RECENT: Final = RecentStarts()


@dataclass(frozen=True, slots=True)
class HostState:
    """What else decides whether a container is started now.

    `is_short`: the host's own memory, whoever uses it, has no room for more. `parallel_starts` is at least 1.
    """

    is_short: bool = False
    parallel_starts: int = UNBOUNDED


NO_LIMITS: Final = HostState()


class Lack(Enum):
    """What keeps the next run waiting."""

    DISK = "disk"
    HOST_MEMORY = "the host's memory"
    STARTS = "starts"
    CPU = "cpu"
    MEMORY = "memory"
    PROCESSES = "processes"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why the next run does not start: what is lacking, what is `taken` of the capacity, and how many containers are starting."""

    lack: Lack
    taken: Amount
    starting: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """The runs to start now, in order, and why no other does; no hindrance when there is no other."""

    runs: list[QueuedRun]
    hindrance: Hindrance | None = None


def choose(  # noqa: PLR0913  # each a different thing, all but three by name
    holders: Sequence[Holder],
    queue: Sequence[QueuedRun],
    capacity: Amount,
    *,
    now_ms: int,
    reservation: Reservation = STRICT,
    weights: Mapping[str, float] = EQUAL,
    recent: RecentStarts = NOTHING_RECENT,
    host: HostState = NO_LIMITS,
    paused: Set[str] = frozenset(),
) -> list[QueuedRun]:
    """The runs to start now, in order: those of `choice`."""
    return choice(
        holders,
        queue,
        capacity,
        now_ms=now_ms,
        reservation=reservation,
        weights=weights,
        recent=recent,
        host=host,
        paused=paused,
    ).runs


def choice(  # noqa: PLR0913
    holders: Sequence[Holder],
    queue: Sequence[QueuedRun],
    capacity: Amount,
    *,
    now_ms: int,
    reservation: Reservation = STRICT,
    weights: Mapping[str, float] = EQUAL,
    recent: RecentStarts = NOTHING_RECENT,
    host: HostState = NO_LIMITS,
    paused: Set[str] = frozenset(),
) -> Choice:
    """What starts now and why no more does; `queue` has, of every tree that could be next, its first runs.

    `capacity.disk_bytes` is what may still be written, less than 0 when too little is free. Weights are above 0. `paused` has the
    ids of workflows and tasks.
    """
    queue = [run for run in queue if not run.is_of(paused)] if paused else queue
    taken = reservation.total(holders, capacity)
    if capacity.disk_bytes < 0 or (host.is_short and not holders):
        lack = Lack.DISK if capacity.disk_bytes < 0 else Lack.HOST_MEMORY
        return Choice([], Hindrance(lack, taken) if queue else None)
    is_working = any(not holder.is_waiting for holder in holders)
    starting = sum(holder.is_starting for holder in holders)
    starts_left = host.parallel_starts - starting
    order = _FairOrder(holders, queue, capacity, reservation, _Standing(weights, recent, now_ms))
    chosen: list[QueuedRun] = []
    hindrance: Hindrance | None = None
    while len(chosen) < starts_left and (run := order.next()) is not None:
        amount = reservation.of(run.plan, capacity, run.need)
        has_room = not host.is_short and (taken + amount).fits(capacity)
        if has_room or not (is_working or chosen):
            chosen.append(run)
            taken += amount
            order.count(run, amount)
            continue
        hindrance = hindrance or Hindrance(_lack(taken + amount, capacity, host), taken)
        if not run.may_be_overtaken(now_ms):
            break
    if hindrance is None and len(chosen) < len(queue):
        hindrance = Hindrance(Lack.STARTS, taken, starting + len(chosen))
    return Choice(chosen, hindrance)


def _lack(needed: Amount, capacity: Amount, host: HostState) -> Lack:
    """What there is too little of, the scarcest of what runs compete for first."""
    if host.is_short:
        return Lack.HOST_MEMORY
    if needed.memory_bytes > capacity.memory_bytes:
        return Lack.MEMORY
    if needed.cpu_millis > capacity.cpu_millis:
        return Lack.CPU
    return Lack.PROCESSES if needed.pids > capacity.pids else Lack.DISK


@dataclass(frozen=True, slots=True)
class _Standing:
    """What shares do not say."""

    weights: Mapping[str, float]
    recent: RecentStarts
    now_ms: int

    def weight(self, workflow_id: str) -> float:
        return self.weights.get(workflow_id, 1.0)

    def recent_starts(self, workflow_id: str) -> float:
        """By weight."""
        return self.recent.of(workflow_id, self.now_ms) / self.weight(workflow_id)

    def width(self, tree: str) -> int:
        """0 for a tree with few starts lately; one more for each doubling."""
        return int(self.recent.of(tree, self.now_ms) / WIDE_STARTS).bit_length()


class _FairOrder:
    """The queue in fair order, while what is taken from it counts at once.

    A workflow's key, and within it a tree's, is put right when it is met: shares only grow, so one that is out of date is too low.
    """

    def __init__(
        self,
        holders: Iterable[Holder],
        queue: Iterable[QueuedRun],
        capacity: Amount,
        reservation: Reservation,
        standing: _Standing,
    ) -> None:
        self._capacity = capacity
        self._standing = standing
        self._workflow_shares: defaultdict[str, float] = defaultdict(float)
        self._tree_shares: defaultdict[str, float] = defaultdict(float)
        for holder in holders:
            if not holder.is_waiting:
                self._add(holder.workflow_id, holder.root_id, reservation.held(holder, capacity))
        self._runs = _by_tree(queue)
        self._trees: defaultdict[str, list[tuple[float, int, str]]] = defaultdict(list)
        for tree, runs in self._runs.items():
            self._trees[runs[0].workflow_id].append(self._tree_key(tree))
        for trees in self._trees.values():
            heapq.heapify(trees)
        self._workflows = [self._workflow_key(workflow_id) for workflow_id in self._trees]
        heapq.heapify(self._workflows)

    def next(self) -> QueuedRun | None:
        """The run that is next, or None when there is none left."""
        while self._workflows:
            workflow_id = self._workflows[0][2]
            if self._workflows[0] != (key := self._workflow_key(workflow_id)):
                heapq.heapreplace(self._workflows, key)
            elif self._trees[workflow_id]:
                return self._next_of(self._trees[workflow_id])
            else:
                heapq.heappop(self._workflows)
        return None

    def _next_of(self, trees: list[tuple[float, int, str]]) -> QueuedRun:
        while trees[0] != (key := self._tree_key(trees[0][2])):
            heapq.heapreplace(trees, key)
        runs = self._runs[trees[0][2]]
        run = runs.pop()
        if not runs:
            heapq.heappop(trees)
        return run

    def count(self, run: QueuedRun, amount: Amount) -> None:
        """It starts: its tree and workflow hold more from now on."""
        self._add(run.workflow_id, run.tree, amount)

    def _add(self, workflow_id: str, tree: str, amount: Amount) -> None:
        share = amount.share_of(self._capacity)
        self._workflow_shares[workflow_id] += share / self._standing.weight(workflow_id)
        self._tree_shares[tree] += share

    def _workflow_key(self, workflow_id: str) -> tuple[float, float, str]:
        return (self._workflow_shares[workflow_id], self._standing.recent_starts(workflow_id), workflow_id)

    def _tree_key(self, tree: str) -> tuple[float, int, str]:
        return (self._tree_shares[tree], self._standing.width(tree), tree)


def _by_tree(queue: Iterable[QueuedRun]) -> dict[str, list[QueuedRun]]:
    """The runs of each tree, the first to start at the end."""
    trees: defaultdict[str, list[QueuedRun]] = defaultdict(list)
    for run in queue:
        trees[run.tree].append(run)
    for runs in trees.values():
        runs.sort(key=lambda run: (-run.depth, run.created_at_ms, run.run_id), reverse=True)
    return dict(trees)
