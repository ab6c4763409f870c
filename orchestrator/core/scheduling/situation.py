"""How things stand where runs are scheduled."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.core.scheduling.capacity import Amount
from orchestrator.core.scheduling.pool import Kind


@dataclass(frozen=True, slots=True)
class Warm:
    """Containers of one kind that wait for a run: those that are ready, and those that are being started."""

    kind: Kind
    ready: int
    starting: int


@dataclass(frozen=True, slots=True)
class Situation:
    """What attempts hold of the capacity, the most memory they have used, each for itself, together, and what waits for runs."""

    capacity: Amount
    reserved: Amount
    peak_memory_bytes: int
    attempts: int
    warm: tuple[Warm, ...] = ()
