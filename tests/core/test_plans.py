from __future__ import annotations

import pytest

from orchestrator.core.plans import DEFAULT_PLAN, GIB, MIB, PLANS, format_bytes, next_larger


def test_the_plans_are_those_of_the_documentation() -> None:
    assert {name: (plan.cpu_millis / 1000, plan.memory_bytes / GIB) for name, plan in PLANS.items()} == {
        "starter": (0.5, 0.5),
        "standard": (1, 2),
        "pro": (2, 4),
        "pro_plus": (4, 8),
        "pro_max": (8, 16),
        "pro_ultra": (16, 32),
    }
    assert DEFAULT_PLAN == "standard"


def test_the_next_larger_plan_is_the_one_to_recommend() -> None:
    larger = next_larger("starter")
    assert larger is not None
    assert larger.name == "standard"
    assert next_larger("pro_ultra") is None


@pytest.mark.parametrize(("count", "text"), [(512 * MIB, "512 MiB"), (2 * GIB, "2 GiB"), (1536 * MIB, "1536 MiB")])
def test_sizes_read_as_people_say_them(count: int, text: str) -> None:
    assert format_bytes(count) == text
