"""Trees of runs under every order of events: nothing gets stuck, nothing is given out twice, no budget is exceeded.

The machine is the scheduler without its I/O: the real `decide` and `choose`, and a dictionary for a store. What a scheduler learns
late (that a parent waits, that a cancel must go on to the children, that a container is gone) it learns late here, too; a
restart makes it forget all that is not stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orchestrator.core.container.spec import LOG_BYTES, PIDS_LIMIT, Usage
from orchestrator.core.plans import GIB, MIB
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import IllegalEvent, decide
from orchestrator.core.runs.retry import INFRA_RETRY, RetryPolicy
from orchestrator.core.runs.run import ACTIVE, Call, Failure, FailureClass, Run, Status
from orchestrator.core.scheduling.capacity import STRICT, Amount, Holder
from orchestrator.core.scheduling.dispatch import QueuedRun, choose
from tests.core.sample_runs import NOW_MS, a_run

T = TypeVar("T")
MAX_DEPTH = 4
PLANS = st.sampled_from(["starter", "standard", "pro", "pro_ultra"])
PICK = st.integers(0, 1_000)
CAUSES = st.sampled_from([FailureClass.EXIT, FailureClass.OOM, FailureClass.INFRA])
OUTCOMES = st.sampled_from(
    [
        ev.ResultReported(),
        ev.ErrorReported(Failure(FailureClass.ERROR, "boom")),
        ev.ErrorReported(Failure(FailureClass.ERROR, "boom", retryable=False)),
    ]
)
CAPACITIES = st.sampled_from(
    [
        Amount(1, MIB),
        Amount(500, GIB // 2),
        Amount(1_500, 3 * GIB),
        Amount(4_000, 8 * GIB),
        Amount(8_000, 8 * GIB, pids=3 * PIDS_LIMIT),
        Amount(8_000, 16 * GIB, disk_bytes=2 * LOG_BYTES),
        Amount(8_000, 16 * GIB, pids=1, disk_bytes=0),
    ]
)


@dataclass(frozen=True)
class Container:
    """Of one attempt; `waits` is what its shim knows, `is_known` whether the scheduler has heard."""

    run_id: str
    fence: int
    plan: str
    waits: bool = False
    is_known: bool = False


class Scheduler(RuleBasedStateMachine):
    """One instance and its clients."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = NOW_MS
        self.runs: dict[str, Run] = {}
        self.containers: dict[tuple[str, int], Container] = {}
        self.cascades: list[tuple[str, int]] = []
        self.ended: dict[str, Run] = {}
        self.canceled: set[str] = set()

    @initialize(capacity=CAPACITIES, plans=st.lists(PLANS, min_size=1, max_size=4))
    def _start(self, capacity: Amount, plans: list[str]) -> None:
        self.capacity = capacity
        for plan in plans:
            self.submit(plan, max_retries=1)
        self.dispatch()

    # --- clients ---

    @rule(plan=PLANS, max_retries=st.integers(0, 2))
    def submit(self, plan: str, max_retries: int) -> None:
        self._create(plan, max_retries, parent=None)

    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        run = self._pick(list(self.runs.values()), pick)
        self._try(run, ev.CancelRequested("asked"))
        self.cascades += [(run.id, attempt.number) for attempt in run.attempts]

    # --- containers ---

    @precondition(lambda self: self._running())
    @rule(pick=PICK, plans=st.lists(PLANS, min_size=1, max_size=3), waits=st.sampled_from([True, True, False]))
    def call_children(self, pick: int, plans: list[str], waits: bool) -> None:
        parent = self._pick(self._running(), pick)
        for plan in plans[: MAX_DEPTH - parent.depth]:
            self._create(plan, max_retries=1, parent=parent)
        self._replace(self._container(parent), waits=waits and bool(self._unfinished_children(parent)))

    @precondition(lambda self: self._running())
    @rule(pick=PICK, event=OUTCOMES)
    def report(self, pick: int, event: ev.Event) -> None:
        self._apply(self._pick(self._running(), pick), event)

    @precondition(lambda self: self.containers)
    @rule(pick=PICK, cause=CAUSES, times=st.sampled_from([1, 1, INFRA_RETRY.max_retries + 2]))
    def die(self, pick: int, cause: FailureClass, times: int) -> None:
        run_id = self._pick(list(self.containers.values()), pick).run_id
        for _ in range(times):
            for container in [one for one in self.containers.values() if one.run_id == run_id]:
                self._end(container, Failure(cause, "died"))
            self.dispatch()

    @precondition(lambda self: self._in(Status.STARTING, Status.RUNNING))
    @rule(pick=PICK)
    def let_a_deadline_pass(self, pick: int) -> None:
        self._apply(self._pick(self._in(Status.STARTING, Status.RUNNING), pick), ev.DeadlinePassed())

    # --- the scheduler ---

    @rule(loads=st.booleans())
    def dispatch(self, loads: bool = True) -> None:
        self._let_time_pass()
        holders, queue = self._holders(), self._queue()
        chosen = [run.run_id for run in choose(holders, queue, self.capacity, now_ms=self.now_ms)]
        self._check_choice(holders, queue, chosen)
        for run_id in chosen:
            self._apply(self.runs[run_id], ev.Claimed(self.now_ms + 1_000))
            run = self.runs[run_id]
            self.containers[run_id, run.fence] = Container(run_id, run.fence, run.plan)
        for run in self._in(Status.STARTING) if loads else ():
            self._apply(run, ev.ShimReady())

    @rule(is_restarted=st.booleans())
    def hear(self, is_restarted: bool = False) -> None:
        """Take note of which parents wait, and which have their answers; forget it all in a restart."""
        for container in list(self.containers.values()):
            waits = container.waits and bool(self._unfinished_children(self.runs[container.run_id]))
            self._replace(container, waits=waits, is_known=waits and not is_restarted)

    @precondition(lambda self: self.cascades)
    @rule()
    def cascade(self) -> None:
        parent_id, attempt = self.cascades.pop()
        for child in self._children(parent_id, attempt):
            self._try(child, ev.CancelRequested("the parent's attempt is over"))
            self.cascades += [(child.id, one.number) for one in child.attempts]

    # --- what must hold ---

    @invariant()
    def somebody_can_always_move(self) -> None:
        if all(container.waits for container in self.containers.values()) and self._queue():
            waiting = [self._holder(one, is_waiting=True) for one in self.containers.values()]
            assert choose(waiting, self._queue(), self.capacity, now_ms=self.now_ms), "all wait for what never starts"

    @invariant()
    def what_has_ended_never_changes(self) -> None:
        for run in self.runs.values():
            if run.is_terminal:
                assert self.ended.setdefault(run.id, run) == run
        assert all(self.runs[run_id].is_terminal for run_id in self.ended)

    @invariant()
    def what_was_canceled_is_never_tried_again(self) -> None:
        for run in (self.runs[run_id] for run_id in self.canceled):
            assert run.status in (Status.STOPPING, Status.CANCELED)

    @invariant()
    def no_budget_is_exceeded(self) -> None:
        for run in self.runs.values():
            assert run.charged_failures <= run.retry.max_retries + 1
            assert run.infra_failures <= INFRA_RETRY.max_retries + 1
            assert len(run.attempts) <= run.charged_failures + run.infra_failures + 1
            assert len(run.attempts) == run.fence

    def teardown(self) -> None:
        """From wherever this came: when nothing else happens, all of it finishes, and nothing is held any more."""
        for _ in range(20 * len(self.runs) + 20):
            if all(run.is_terminal for run in self.runs.values()) and not self.containers and not self.cascades:
                break
            self._step()
        assert [run for run in self.runs.values() if not run.is_terminal] == [], "stuck"
        if self.runs:
            assert STRICT.total(self._holders(), self.capacity) == Amount(0, 0, 0, 0)

    # --- the machine's own parts ---

    def _step(self) -> None:
        steps: list[Callable[[], None]] = [self.cascade] if self.cascades else []
        for step in (*steps, self.hear, self.dispatch):
            step()
        for run in self._running():
            self._apply(run, ev.ResultReported())
        for container in list(self.containers.values()):
            run = self.runs[container.run_id]
            if run.fence != container.fence or run.status not in (Status.STARTING, Status.RUNNING):
                self._end(container, Failure(FailureClass.EXIT, "it was told to"))

    def _let_time_pass(self) -> None:
        self.now_ms += 10_000
        for run in self._in(Status.BACKOFF):
            if run.due_at_ms <= self.now_ms:
                self._apply(run, ev.BackoffElapsed())

    def _create(self, plan: str, max_retries: int, parent: Run | None) -> None:
        run_id = f"trn-{len(self.runs):03}"
        call = Call(parent.id, parent.attempt, len(self.runs)) if parent else None
        self.runs[run_id] = a_run(
            id=run_id,
            plan=plan,
            retry=RetryPolicy(max_retries, 1_000, 2.0),
            call=call,
            depth=parent.depth + 1 if parent else 0,
            root_id=parent.root_id if parent else run_id,
            created_at_ms=self.now_ms,
        )

    def _apply(self, run: Run, event: ev.Event) -> None:
        decision = decide(run, event, now_ms=self.now_ms)
        self.runs[run.id] = decision.run
        if any(isinstance(effect, ev.CancelDescendants) for effect in decision.effects):
            self.cascades.append((run.id, run.attempt))
        if isinstance(event, ev.CancelRequested):
            self.canceled.add(run.id)

    def _try(self, run: Run, event: ev.Event) -> None:
        try:
            self._apply(run, event)
        except IllegalEvent:
            assert self.runs[run.id] == run

    def _end(self, container: Container, failure: Failure) -> None:
        """The container is gone; its run hears of it if it is still the current one."""
        del self.containers[container.run_id, container.fence]
        run = self.runs[container.run_id]
        if run.fence == container.fence and run.status in ACTIVE:
            self._apply(run, ev.ContainerExited(failure, 1))

    def _check_choice(self, holders: list[Holder], queue: list[QueuedRun], chosen: list[str]) -> None:
        started = [Holder(self.runs[run_id].plan) for run_id in chosen]
        is_progress = all(holder.is_waiting for holder in holders) and len(chosen) == 1
        assert not chosen or is_progress or self._is_within_capacity(STRICT.total([*holders, *started], self.capacity))
        for run_id in chosen:
            root_id = self.runs[run_id].root_id
            left = [one.depth for one in queue if one.root_id == root_id and one.run_id not in chosen]
            assert self.runs[run_id].depth >= max(left, default=0), "deeper runs of a tree go first"

    def _is_within_capacity(self, amount: Amount) -> bool:
        return all(given <= limit for given, limit in zip(astuple(amount), astuple(self.capacity), strict=True))

    def _holders(self) -> list[Holder]:
        return [self._holder(one, is_waiting=one.is_known) for one in self.containers.values()]

    def _holder(self, container: Container, *, is_waiting: bool) -> Holder:
        root_id = self.runs[container.run_id].root_id
        return Holder(container.plan, is_waiting, self._used(container), root_id=root_id)

    def _used(self, container: Container) -> Usage:
        return Usage(40 * MIB * (1 + container.fence), 5)

    def _queue(self) -> list[QueuedRun]:
        queued = sorted(self._in(Status.QUEUED), key=lambda run: (-run.depth, run.created_at_ms, run.id))
        return [QueuedRun(run.id, run.plan, run.depth, run.created_at_ms, run.root_id) for run in queued]

    def _in(self, *statuses: Status) -> list[Run]:
        return [run for run in self.runs.values() if run.status in statuses]

    def _running(self) -> list[Run]:
        """Those whose code is at work."""
        return [run for run in self._in(Status.RUNNING) if not self._container(run).waits]

    def _container(self, run: Run) -> Container:
        return self.containers[run.id, run.fence]

    def _replace(self, container: Container, *, waits: bool, is_known: bool = False) -> None:
        self.containers[container.run_id, container.fence] = replace(container, waits=waits, is_known=is_known)

    def _children(self, parent_id: str, attempt: int) -> list[Run]:
        calls = ((run, run.call) for run in self.runs.values())
        return [run for run, call in calls if call and (call.parent_id, call.attempt) == (parent_id, attempt)]

    def _unfinished_children(self, run: Run) -> list[Run]:
        return [child for child in self._children(run.id, run.attempt) if not child.is_terminal]

    @staticmethod
    def _pick(among: list[T], pick: int) -> T:
        return among[pick % len(among)]


TestScheduler = Scheduler.TestCase
TestScheduler.settings = settings(max_examples=2 * settings().max_examples, stateful_step_count=60)
