"""People are told when a larger plan would help, and left alone otherwise."""

from __future__ import annotations

import pytest

from orchestrator.core.container.forensics import Forensics, Measured, advice, first_line_at_ms
from orchestrator.core.plans import MIB


@pytest.mark.parametrize(
    ("measured", "working_ms", "told"),
    [
        (Measured(), None, ()),
        (Measured(460 * MIB), 5_000, ()),
        (Measured(487 * MIB), 5_000, ("memory: peak 487 of 512 MiB: consider standard",)),
        (Measured(oom_kills=1), 5_000, ("memory: 1 process was killed for using more than the plan has",)),
        (Measured(throttled_ms=2_000), 5_000, ("CPU: throttled 40% of the time: consider standard",)),
        (Measured(throttled_ms=1_000), 5_000, ()),
        (Measured(throttled_ms=900), 1_000, ()),
        (Measured(throttled_ms=90_000), 5_000, ("CPU: throttled 100% of the time: consider standard",)),
    ],
)
def test_advice(measured: Measured, working_ms: int | None, told: tuple[str, ...]) -> None:
    assert advice(Forensics(memory_limit_bytes=512 * MIB, measured=measured), "starter", working_ms) == told


def test_nothing_is_considered_above_the_largest_plan() -> None:
    found = Forensics(memory_limit_bytes=100 * MIB, measured=Measured(100 * MIB))
    assert advice(found, "pro_ultra", 1) == ("memory: peak 100 of 100 MiB",)


@pytest.mark.parametrize(
    ("worked_ms", "first_line"),
    [(400.6, 9_600), (0.0, 10_000), (-5.0, 10_000), (5_000.0, 9_000), (float("inf"), 9_000)],
)
def test_the_first_line_lies_between_the_assignment_and_the_end_whatever_the_container_says(
    worked_ms: float, first_line: int
) -> None:
    assert first_line_at_ms(worked_ms, assigned_at_ms=9_000, now_ms=10_000) == first_line


def test_of_a_container_that_does_not_say_it_the_first_line_is_unknown() -> None:
    assert first_line_at_ms(None, assigned_at_ms=9_000, now_ms=10_000) is None
