"""What attempts hold of the host."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.container.spec import LOG_BYTES, PIDS_LIMIT, Usage
from orchestrator.core.plans import GIB, MIB, PLANS
from orchestrator.core.scheduling.capacity import STRICT, Amount, Holder, Reservation
from orchestrator.core.scheduling.estimate import Need

HOST = Amount(2_000, 5 * GIB)


def test_a_waiting_parent_holds_no_cpu_and_only_the_memory_and_processes_it_uses() -> None:
    waiting = Holder("pro", is_waiting=True, used=Usage(10 * MIB, 3))
    assert STRICT.held(waiting, HOST) == Amount(0, 10 * MIB, 3, LOG_BYTES)


def test_a_plan_is_clamped_to_the_host_but_processes_and_disk_are_not() -> None:
    assert STRICT.of("pro_ultra", HOST) == Amount(2_000, 5 * GIB, PIDS_LIMIT, LOG_BYTES)


def test_a_share_of_the_cpu_is_reserved_and_the_rest_is_only_a_cap() -> None:
    assert Reservation(cpu_share=0.25).of("standard", HOST) == Amount(250, 2 * GIB, PIDS_LIMIT, LOG_BYTES)


def test_a_task_that_is_known_to_need_less_reserves_less() -> None:
    by_need = Reservation(cpu_share=0.25, memory_by_need=True)
    assert by_need.of("standard", HOST, Need(100 * MIB, 50)) == Amount(50, 100 * MIB, PIDS_LIMIT, LOG_BYTES)


def test_strict_reservations_are_the_plans_whatever_is_known() -> None:
    assert STRICT.of("standard", HOST, Need(100 * MIB, 50)) == Amount(1_000, 2 * GIB, PIDS_LIMIT, LOG_BYTES)


def test_a_share_of_the_host_is_that_of_its_scarcest_part() -> None:
    assert Amount(500, GIB).share_of(Amount(1_000, 16 * GIB)) == 0.5
    assert Amount(100, 8 * GIB).share_of(Amount(1_000, 16 * GIB)) == 0.5


@given(
    plan=st.sampled_from(sorted(PLANS)),
    need=st.builds(Need, st.none() | st.integers(0, 64 * GIB), st.none() | st.integers(0, 64_000)),
    cpu_share=st.floats(0.01, 1),
    capacity=st.builds(Amount, st.integers(1, 64_000), st.integers(MIB, 64 * GIB)),
)
def test_nobody_reserves_more_than_its_plan_or_the_host(
    plan: str, need: Need, cpu_share: float, capacity: Amount
) -> None:
    amount = Reservation(cpu_share, memory_by_need=True).of(plan, capacity, need)
    assert amount.cpu_millis <= min(PLANS[plan].cpu_millis, capacity.cpu_millis)
    assert amount.memory_bytes <= min(PLANS[plan].memory_bytes, capacity.memory_bytes)


def test_one_that_says_it_waits_and_works_holds_the_cpu_it_uses() -> None:
    spinning = Holder("pro", is_waiting=True, used=Usage(10 * MIB, 3, cpu_millis=1_900))
    assert STRICT.held(spinning, HOST).cpu_millis == 1_900
