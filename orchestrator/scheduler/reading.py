"""What the scheduler tells whoever asks for metrics: all of it is known here already."""

from __future__ import annotations

from orchestrator.core.scheduling.situation import Situation
from orchestrator.scheduler.dispatcher import Dispatcher
from orchestrator.telemetry.reading import SchedulerReading


def read(dispatcher: Dispatcher) -> SchedulerReading:
    """The dispatcher's numbers as they are now."""
    return SchedulerReading(
        attempts=len(dispatcher.supervisors),
        oldest_waiting_s=dispatcher.oldest_waiting_s,
        capacity=dispatcher.capacity,
        reserved=dispatcher.reserved,
        peak_memory_bytes=dispatcher.supervisors.peak_memory_bytes(),
        warm_containers=len(dispatcher.pool),
        warm_hits=dispatcher.pool.hits,
        warm_misses=dispatcher.pool.misses,
    )


def situation(dispatcher: Dispatcher) -> Situation:
    """How things stand, for people."""
    return Situation(
        capacity=dispatcher.capacity,
        reserved=dispatcher.reserved,
        peak_memory_bytes=dispatcher.supervisors.peak_memory_bytes(),
        attempts=len(dispatcher.supervisors),
        warm=tuple(dispatcher.pool.by_kind()),
    )
