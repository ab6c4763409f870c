"""How much memory is reserved for a task whose attempts were seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.plans import GIB, MIB, PLANS
from orchestrator.core.scheduling.memory_estimate import SEEN_MIN, reserved_memory_bytes


def test_until_enough_attempts_were_seen_the_whole_plan_is_reserved() -> None:
    assert reserved_memory_bytes("standard", [MIB] * (SEEN_MIN - 1)) is None


def test_then_it_is_the_largest_of_the_latest_with_a_margin() -> None:
    assert reserved_memory_bytes("standard", [40 * MIB, 80 * MIB, 60 * MIB, 40 * MIB, 40 * MIB]) == 132 * MIB


@given(plan=st.sampled_from(sorted(PLANS)), peaks=st.lists(st.integers(0, 64 * GIB), min_size=SEEN_MIN))
def test_it_is_never_more_than_the_plan_nor_less_than_was_used(plan: str, peaks: list[int]) -> None:
    reserved = reserved_memory_bytes(plan, peaks)
    assert reserved is not None
    assert min(max(peaks), PLANS[plan].memory_bytes) <= reserved <= PLANS[plan].memory_bytes


@given(
    plan=st.sampled_from(["starter", "standard"]),
    history=st.lists(st.integers(10 * MIB, 400 * MIB), min_size=SEEN_MIN),
    running=st.integers(1, 40),
)
def test_tasks_that_behave_as_before_never_use_more_than_was_reserved(
    plan: str, history: list[int], running: int
) -> None:
    reserved = reserved_memory_bytes(plan, history) or PLANS[plan].memory_bytes
    used = [history[index % len(history)] for index in range(running)]
    assert sum(used) <= running * reserved
