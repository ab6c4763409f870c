"""Several things measured in turns, so that whatever else the machine does meets all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Sample = Callable[[], Sequence[float]]
"""Measures once; one value, or several that belong to the same turn."""


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """When to stop measuring; what was begun is finished."""

    ends_at_s: float
    now_s: Callable[[], float] = time.monotonic

    @property
    def is_over(self) -> bool:
        """Whether no further turn begins."""
        return self.now_s() >= self.ends_at_s


def in_turns(
    systems: Mapping[str, Sample],
    rounds: int,
    limit: TimeLimit,
    *,
    settle: Callable[[], None] = lambda: None,
    warm_ups: int = 0,
    show: Callable[[str], None] = lambda _: None,
) -> dict[str, tuple[float, ...]]:
    """The values of each system after so many rounds, or fewer when the time is over; those of warm-up rounds are dropped.

    `settle` is called before every sample and returns when the last one's work is over. In the order of the systems, every
    second round backwards: nobody always follows the same neighbour.
    """
    taken: dict[str, list[float]] = {name: [] for name in systems}
    for number in range(warm_ups + rounds):
        if limit.is_over:
            break
        show(f"round {number + 1} of {warm_ups + rounds}")
        names = list(systems) if number % 2 == 0 else list(systems)[::-1]
        for name in names:
            settle()
            values = systems[name]()
            if number >= warm_ups:
                taken[name].extend(values)
    return {name: tuple(values) for name, values in taken.items() if values}


def elapsed_s(action: Callable[[], object]) -> float:
    """How long the action takes."""
    begin_s = time.perf_counter()
    action()
    return time.perf_counter() - begin_s
