"""How much is reserved for a task whose attempts were seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.container.forensics import Forensics, Measured
from orchestrator.core.plans import GIB, MIB, PLANS
from orchestrator.core.runs.run import Attempt, Failure, FailureClass
from orchestrator.core.scheduling.capacity import Amount, Reservation
from orchestrator.core.scheduling.estimate import SEEN_MIN, UNKNOWN, Need, Seen, estimate, seen

ENDED = Attempt(
    0, 0, started_at_ms=1_000, ended_at_ms=6_000, forensics=Forensics(measured=Measured(40 * MIB, cpu_ms=100))
)
HUGE = Amount(1_000_000, 1_000 * GIB)
SEEN = st.builds(Seen, st.integers(0, 64 * GIB), st.integers(0, 20_000))


def test_an_attempt_shows_its_peak_of_memory_and_its_cpu_on_average() -> None:
    assert seen(ENDED) == Seen(40 * MIB, 20)


@pytest.mark.parametrize(("cls", "counts"), [(FailureClass.OOM, True), (FailureClass.ERROR, True),
                                             (FailureClass.INFRA, False), (FailureClass.CANCELED, False)])  # fmt: skip
def test_an_attempt_counts_when_it_ended_as_the_task_does(cls: FailureClass, counts: bool) -> None:
    assert (seen(replace(ENDED, failure=Failure(cls, "why"))) is not None) == counts


def test_what_was_not_measured_or_never_began_shows_nothing() -> None:
    assert seen(replace(ENDED, forensics=Forensics())) is None
    assert seen(replace(ENDED, started_at_ms=None)) is None


def test_until_enough_attempts_were_seen_nothing_is_known() -> None:
    assert estimate([Seen(MIB, 1)] * (SEEN_MIN - 1)) == UNKNOWN


def test_then_it_is_the_largest_of_the_latest_with_a_margin() -> None:
    latest = [Seen(mib * MIB, millis) for mib, millis in ((40, 10), (80, 10), (60, 40), (40, 10), (40, 10))]
    assert estimate(latest) == Need(132 * MIB, 70)


@given(plan=st.sampled_from(sorted(PLANS)), latest=st.lists(SEEN, min_size=SEEN_MIN), share=st.floats(0.01, 1))
def test_what_is_reserved_is_never_more_than_the_plan_nor_less_memory_than_was_used(
    plan: str, latest: list[Seen], share: float
) -> None:
    need, cap = estimate(latest), PLANS[plan]
    amount = Reservation(share).of(plan, HUGE, need)
    used_bytes = min(max(one.memory_bytes for one in latest), cap.memory_bytes)
    assert used_bytes <= amount.memory_bytes <= cap.memory_bytes
    assert amount.cpu_millis <= round(cap.cpu_millis * share)
