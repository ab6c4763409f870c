"""A host that learns what its tasks need: never pushed over its memory, never stuck, and fair to the last.

Time goes in steps. In each the real `choose` decides, with what the real `estimate` makes of the attempts that ended; an attempt is
being started for a step, works for some more, and a parent waits until its child has ended. Tasks behave as before: an attempt
uses at least four fifths of what its task uses at most, and never more.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.container.spec import Usage
from orchestrator.core.plans import GIB, MIB, PLANS
from orchestrator.core.scheduling.capacity import Amount, Holder, Reservation
from orchestrator.core.scheduling.dispatch import HostState, QueuedRun, RecentStarts, choose
from orchestrator.core.scheduling.estimate import SEEN_MAX, UNKNOWN, Need, Seen, estimate

STEP_MS = 10_000


@dataclass(frozen=True)
class Task:
    """What it uses at most, as parts of its plan, and for how many steps it works before it ends or calls its child."""

    plan: str
    memory: float
    cpu: float
    steps: int
    calls: int = 0
    """How many runs of the same task a run of it calls, one below the other."""

    @property
    def memory_bytes(self) -> int:
        return round(PLANS[self.plan].memory_bytes * self.memory)


@dataclass
class Attempt:
    run: QueuedRun
    task: Task
    used_bytes: int
    left: int
    calls: int
    age: int = 0
    child: str = ""


@dataclass
class Host:
    """One host and all that happens on it; `real_bytes` is what containers use, whatever is reserved."""

    tasks: list[Task]
    capacity: Amount
    reservation: Reservation
    parallel_starts: int
    queue: dict[str, QueuedRun] = field(default_factory=dict)
    running: dict[str, Attempt] = field(default_factory=dict)
    seen: dict[str, deque[Seen]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=SEEN_MAX)))
    calls: dict[str, int] = field(default_factory=dict)
    recent: RecentStarts = field(default_factory=RecentStarts)
    now_ms: int = 0
    made: int = 0

    def submit(self, number: int, parent: QueuedRun | None = None, calls: int | None = None) -> str:
        task, self.made = self.tasks[number], self.made + 1
        run_id = f"{self.made:05}"
        depth, root_id = (parent.depth + 1, parent.root_id) if parent else (0, run_id)
        self.queue[run_id] = QueuedRun(
            run_id, task.plan, depth, self.now_ms, root_id=root_id, workflow_id="w", task_id=str(number)
        )
        self.calls[run_id] = task.calls if calls is None else calls
        return run_id

    def need(self, task_id: str) -> Need:
        return estimate(self.seen[task_id]) if task_id in self.seen else UNKNOWN

    def holder(self, attempt: Attempt) -> Holder:
        used = Usage(attempt.used_bytes, 5)
        need, is_starting = self.need(attempt.run.task_id), attempt.age == 0
        root_id = attempt.run.root_id
        return Holder(attempt.run.plan, bool(attempt.child), used, need, root_id, "w", is_starting)

    def step(self, *, is_short: bool, factor: float) -> None:
        """Start what may start, and let time pass."""
        holders = [self.holder(one) for one in self.running.values()]
        chosen = choose(
            holders,
            [self._judged(run) for run in self.queue.values()],
            self.capacity,
            now_ms=self.now_ms,
            reservation=self.reservation,
            recent=self.recent,
            host=HostState(is_short, self.parallel_starts),
        )
        self._check(holders, chosen, is_short=is_short)
        for run in chosen:
            task = self.tasks[int(run.task_id)]
            del self.queue[run.run_id]
            self.recent.note(run, self.now_ms)
            calls = self.calls.pop(run.run_id)
            self.running[run.run_id] = Attempt(run, task, round(task.memory_bytes * factor), task.steps, calls)
        self._check_memory(holders, chosen)
        self._pass_time()

    def _judged(self, run: QueuedRun) -> QueuedRun:
        return QueuedRun(
            run.run_id,
            run.plan,
            run.depth,
            run.created_at_ms,
            run.root_id,
            "w",
            run.task_id,
            need=self.need(run.task_id),
        )

    def _pass_time(self) -> None:
        self.now_ms += STEP_MS
        for attempt in list(self.running.values()):
            attempt.age += 1
            if attempt.child in self.queue or attempt.child in self.running:
                continue
            attempt.child = ""
            attempt.left -= 1
            if attempt.left <= 0 and attempt.calls:
                attempt.child = self.submit(int(attempt.run.task_id), attempt.run, attempt.calls - 1)
                attempt.calls = 0
            elif attempt.left <= 0:
                self._end(attempt)

    def _end(self, attempt: Attempt) -> None:
        del self.running[attempt.run.run_id]
        cpu_millis = round(PLANS[attempt.task.plan].cpu_millis * attempt.task.cpu)
        self.seen[attempt.run.task_id].append(Seen(attempt.used_bytes, cpu_millis))

    # --- what must hold ---

    def _check(self, holders: list[Holder], chosen: list[QueuedRun], *, is_short: bool) -> None:
        all_wait = all(holder.is_waiting for holder in holders)
        assert len(chosen) + sum(one.is_starting for one in holders) <= max(self.parallel_starts, len(holders))
        assert not (is_short and chosen) or (holders and all_wait and len(chosen) == 1)
        assert chosen or not (self.queue and all_wait and (holders or not is_short)), "nobody can go on"

    def _check_memory(self, holders: list[Holder], chosen: list[QueuedRun]) -> None:
        """Only a start makes it more; who starts although all others wait is the exception."""
        real_bytes = sum(one.used_bytes for one in self.running.values())
        is_progress = all(holder.is_waiting for holder in holders) and len(chosen) == 1
        assert not chosen or is_progress or real_bytes <= self.capacity.memory_bytes, "pushed over its memory"


TASKS = st.builds(
    Task,
    st.sampled_from(["starter", "standard", "pro", "pro_ultra"]),
    memory=st.floats(0.01, 1),
    cpu=st.floats(0, 1),
    steps=st.integers(1, 4),
    calls=st.sampled_from([0, 0, 0, 1, 4]),
)
HOSTS = st.builds(
    Host,
    st.lists(TASKS, min_size=1, max_size=4),
    st.sampled_from([Amount(500, 512 * MIB), Amount(2_000, 6 * GIB), Amount(8_000, 22 * GIB)]),
    st.builds(Reservation, st.sampled_from([1.0, 0.25, 0.05]), st.booleans()),
    st.sampled_from([1, 6, 64]),
)
STEPS = st.lists(
    st.tuples(st.lists(st.integers(0, 3), max_size=4), st.booleans(), st.sampled_from([0.8, 0.9, 1.0])),
    min_size=3,
    max_size=15,
)


@given(host=HOSTS, steps=STEPS)
def test_whatever_comes_the_host_keeps_within_its_memory_and_all_runs_end(
    host: Host, steps: list[tuple[list[int], bool, float]]
) -> None:
    for arrivals, is_short, factor in steps:
        for number in arrivals:
            host.submit(number % len(host.tasks))
        host.step(is_short=is_short, factor=factor)
    for _ in range(40 * host.made + 40):
        if not host.queue and not host.running:
            return
        host.step(is_short=False, factor=1.0)
    raise AssertionError(f"starved: {list(host.queue)}, {list(host.running)}")


def test_a_hundred_tasks_that_wait_end_in_a_fraction_of_the_time_their_plans_would_take() -> None:
    """On two cores and 22 GiB, two fit by their plans; each works for 5 steps."""

    def steps(reservation: Reservation) -> int:
        host = Host([Task("standard", 0.02, 0.02, 5)], Amount(2_000, 22 * GIB), reservation, 6)
        for _ in range(100):
            host.submit(0)
        while host.queue or host.running:
            host.step(is_short=False, factor=1.0)
        return host.now_ms // STEP_MS

    assert steps(Reservation()) == 250
    assert steps(Reservation(0.25, memory_by_need=True)) <= 30
