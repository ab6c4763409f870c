"""People are told when a larger plan would help, and left alone otherwise."""

from __future__ import annotations

import pytest

from orchestrator.core.container.forensics import Forensics, Measured, advice
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
