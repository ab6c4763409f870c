"""Which runs may start: small cases, then a model of whole trees that must always finish."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.capacity import Amount, Candidate, Holder, choose, held
from orchestrator.core.plans import GIB, MIB, PLANS

HOST = Amount(2_000, 5 * GIB)


def test_runs_start_as_long_as_they_fit() -> None:
    queue = [Candidate("a", "standard"), Candidate("b", "standard"), Candidate("c", "standard")]
    assert choose([], queue, HOST) == ["a", "b"]


def test_nothing_overtakes_the_head_of_the_queue() -> None:
    queue = [Candidate("large", "pro"), Candidate("small", "starter")]
    assert choose([Holder("standard")], queue, HOST) == []


def test_a_plan_larger_than_the_host_starts_when_the_host_is_free() -> None:
    assert choose([], [Candidate("huge", "pro_ultra")], HOST) == ["huge"]


def test_a_waiting_parent_holds_no_cpu_and_only_the_memory_it_uses() -> None:
    assert held(Holder("pro", is_waiting=True, used_bytes=10 * MIB), HOST) == Amount(0, 10 * MIB)


def test_the_head_starts_over_capacity_when_only_waiting_parents_run() -> None:
    tiny = Amount(500, 64 * MIB)
    waiting = [Holder("starter", is_waiting=True, used_bytes=64 * MIB)]
    assert choose(waiting, [Candidate("child", "starter"), Candidate("next", "starter")], tiny) == ["child"]


@given(
    holders=st.lists(st.builds(Holder, st.sampled_from(sorted(PLANS)), st.booleans(), st.integers(0, 4 * GIB))),
    plans=st.lists(st.sampled_from(sorted(PLANS))),
    capacity=st.builds(Amount, st.integers(1, 64_000), st.integers(MIB, 64 * GIB)),
)
def test_no_more_is_held_than_there_is_except_by_one_run_that_keeps_things_moving(
    holders: list[Holder], plans: list[str], capacity: Amount
) -> None:
    queue = [Candidate(str(index), plan) for index, plan in enumerate(plans)]
    started = choose(holders, queue, capacity)
    total = sum((held(holder, capacity) for holder in holders), Amount(0, 0))
    for candidate in queue[: len(started)]:
        total += held(Holder(candidate.plan), capacity)
    is_idle = all(holder.is_waiting for holder in holders)
    assert started == [candidate.run_id for candidate in queue[: len(started)]]
    assert total.fits(capacity) or not started or (is_idle and len(started) == 1)
    assert started or not queue or not is_idle, "somebody must always be working"


@given(
    shape=st.recursive(st.just(()), lambda children: st.lists(children, max_size=3).map(tuple), max_leaves=12),
    plan=st.sampled_from(["starter", "pro", "pro_ultra"]),
    capacity=st.builds(Amount, st.integers(1, 4_000), st.integers(MIB, 8 * GIB)),
)
def test_every_tree_finishes_at_every_capacity(shape: tuple[object, ...], plan: str, capacity: Amount) -> None:
    """Each run starts its children, waits for all of them, and ends; deeper runs go first."""
    tree = _Tree(shape, plan, capacity)
    for _ in range(10 * tree.size + 10):
        if tree.is_finished:
            return
        tree.step()
    raise AssertionError("stuck")


class _Tree:
    def __init__(self, shape: tuple[object, ...], plan: str, capacity: Amount) -> None:
        self._plan, self._capacity = plan, capacity
        self._children: dict[str, list[str]] = {}
        self._queue: list[str] = []
        self._working: set[str] = set()
        self._waiting: set[str] = set()
        self._ended: set[str] = set()
        self._add("r", shape)
        self._queue.append("r")
        self.size = len(self._children)

    def _add(self, name: str, shape: object) -> None:
        assert isinstance(shape, tuple)
        self._children[name] = [f"{name}.{index}" for index in range(len(shape))]
        for child, below in zip(self._children[name], shape, strict=True):
            self._add(child, below)

    @property
    def is_finished(self) -> bool:
        return len(self._ended) == self.size

    def step(self) -> None:
        self._queue.sort(key=lambda name: (-name.count("."), name))
        holders = [Holder(self._plan) for _ in self._working]
        holders += [Holder(self._plan, is_waiting=True, used_bytes=10 * MIB) for _ in self._waiting]
        for name in choose(holders, [Candidate(name, self._plan) for name in self._queue], self._capacity):
            self._queue.remove(name)
            self._working.add(name)
        for name in sorted(self._working):
            self._advance(name)
        self._waiting = {name for name in self._waiting if not self._wake(name)}

    def _advance(self, name: str) -> None:
        self._working.remove(name)
        if self._children[name]:
            self._waiting.add(name)
            self._queue += self._children[name]
        else:
            self._ended.add(name)

    def _wake(self, name: str) -> bool:
        is_done = all(child in self._ended for child in self._children[name])
        if is_done:
            self._ended.add(name)
        return is_done
