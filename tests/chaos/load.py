"""What is asked for, and what must come of it: pure, the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

ALWAYS: Final = 1_000_000
WAITS_MS: Final[Mapping[str, tuple[int, float]]] = {"works_from": (400, 2.0), "fails": (300, 1.5)}
"""Before the first retry, and the factor of each further one, as in tasks/main.py."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One run to ask for; `cancel_after_s` is None where it is left alone, `repeats` asks again with the same key."""

    key: str
    at_s: float
    task: str
    input: tuple[int, ...]
    cancel_after_s: float | None = None
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """How a run of a task must end; attempts below `fails_before` fail by themselves, `children` is of the one that succeeds."""

    status: str
    results: tuple[Any, ...] = ()
    fails_before: int = 0
    charged: int = 0
    children: int = 0


def expected(task: str, given: Sequence[int]) -> Expected:
    """What becomes of the run, whatever happens around it."""
    match task:
        case "square":
            return Expected("completed", (given[0] ** 2,))
        case "works_from":
            return Expected("completed", (given[0],), fails_before=given[0])
        case "fails":
            return Expected("failed", fails_before=ALWAYS, charged=2)
        case "chain":
            return Expected("completed", (given[0] * (given[0] + 1) // 2,), children=min(given[0], 1))
        case "fan_out":
            return Expected("completed", (sum(number**2 for number in range(given[0])),), children=given[0])
        case "sleeps" | "waits_for_sleepers":
            return Expected("canceled")
        case _:
            raise ValueError(f"{task} is no task of the load")


def runs_of(planned: Planned) -> int:
    """How many runs it is at least, with all it starts."""
    match planned.task:
        case "chain" | "fan_out" | "waits_for_sleepers":
            return 1 + planned.input[0]
        case _:
            return 1


def plan(seed: int, *, runs: int, duration_s: float) -> tuple[Planned, ...]:
    """At least so many runs of all shapes, in random order, asked for evenly over the time."""
    random = Random(seed)
    shapes: list[tuple[str, tuple[int, ...], bool, int]] = []
    total = 0
    while total < runs:
        shape = _shape(random, len(shapes))
        shapes.append(shape)
        total += runs_of(Planned("", 0.0, shape[0], shape[1]))
    random.shuffle(shapes)
    return tuple(
        Planned(
            f"{seed}-{n}", duration_s * n / len(shapes), task, given, random.uniform(0, 5) if cancel else None, again
        )
        for n, (task, given, cancel, again) in enumerate(shapes)
    )


def _shape(random: Random, number: int) -> tuple[str, tuple[int, ...], bool, int]:
    """Shapes in turn, so that even a short load has all of them."""
    match number % 8:
        case 0 | 1:
            return "square", (random.randrange(1000),), False, 0
        case 2:
            return "works_from", (random.randint(1, 2),), False, 0
        case 3:
            return "fails", (), False, 0
        case 4:
            return "chain", (3,), False, 0
        case 5:
            return "fan_out", (random.randint(2, 6),), False, 0
        case 6:
            task = random.choice(("sleeps", "waits_for_sleepers"))
            return task, (2,) if task == "waits_for_sleepers" else (), True, 0
        case _:
            return "square", (random.randrange(1000),), False, 2
