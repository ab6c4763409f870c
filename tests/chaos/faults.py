"""What goes wrong, and when: pure, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Part(StrEnum):
    """What can be hit."""

    ORCHESTRATOR = "orchestrator"
    STORE = "store"
    DOCKERD = "dockerd"


class Deed(StrEnum):
    """What is done to it: kill -9, or SIGSTOP and later SIGCONT."""

    KILL = "kill"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Blow:
    """One deed to one part."""

    part: Part
    deed: Deed

    def __str__(self) -> str:
        return f"{self.deed} {self.part}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Blows that fall together, `at_s` after the begin; after `hold_s` what was hit is started or continued."""

    at_s: float
    hold_s: float
    blows: tuple[Blow, ...]

    def __str__(self) -> str:
        return " + ".join(map(str, self.blows))


def schedule(seed: int, *, duration_s: float, parts: Sequence[Part]) -> tuple[Fault, ...]:
    """Every deed to every part once, in random order, then any, alone or two at once; one each 4 to 8 s."""
    random = Random(seed)
    every = [Blow(part, deed) for part in parts for deed in Deed]
    random.shuffle(every)
    faults: list[Fault] = []
    at_s = random.uniform(1, 4)
    while at_s < duration_s:
        blows = [every[len(faults)] if len(faults) < len(every) else random.choice(every)]
        if random.random() < 0.4:
            blows.append(random.choice([blow for blow in every if blow.part is not blows[0].part]))
        faults.append(Fault(at_s, random.uniform(0.1, 3.0), tuple(blows)))
        at_s += random.uniform(4, 8)
    return tuple(faults)
