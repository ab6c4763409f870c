"""Plans: the CPU and memory caps a task can ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024
GIB: Final = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Plan:
    """One instance type; 1000 `cpu_millis` are one CPU."""

    name: str
    cpu_millis: int
    memory_bytes: int


_ALL: Final = (
    Plan("starter", 500, 512 * MIB),
    Plan("standard", 1_000, 2 * GIB),
    Plan("pro", 2_000, 4 * GIB),
    Plan("pro_plus", 4_000, 8 * GIB),
    Plan("pro_max", 8_000, 16 * GIB),
    Plan("pro_ultra", 16_000, 32 * GIB),
)

PLANS: Final = {plan.name: plan for plan in _ALL}
"""By name, smallest first."""

DEFAULT_PLAN: Final = "standard"


def next_larger(name: str) -> Plan | None:
    """The smallest plan with more memory, or None above the largest."""
    memory_bytes = PLANS[name].memory_bytes
    return next((plan for plan in _ALL if plan.memory_bytes > memory_bytes), None)


def format_bytes(count: int) -> str:
    """A size as people say it: 536870912 → ``512 MiB``, 2147483648 → ``2 GiB``."""
    if count >= GIB and count % GIB == 0:
        return f"{count // GIB} GiB"
    return f"{round(count / MIB)} MiB"
