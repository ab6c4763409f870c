"""What is read of the scheduler and of the store when somebody asks for metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from orchestrator.core.retention import Held
from orchestrator.core.scheduling.capacity import Amount


@dataclass(frozen=True, slots=True)
class SchedulerReading:
    """What whoever schedules knows without asking anybody.

    `oldest_waiting_s` is the age of the oldest run that may be next, None when none waits; `peak_memory_bytes` is of all attempts
    in progress together.
    """

    attempts: int
    oldest_waiting_s: float | None
    capacity: Amount
    reserved: Amount
    peak_memory_bytes: int
    warm_containers: int
    warm_hits: int
    warm_misses: int

    def families(self) -> Iterator[Metric]:
        """As metrics."""
        yield _gauge("orchestrator_attempts_in_progress", "Attempts that are looked after.", self.attempts)
        yield _gauge(
            "orchestrator_queue_oldest_age_seconds",
            "Since the oldest of the runs that are next was asked for; 0 when none waits.",
            self.oldest_waiting_s or 0,
        )
        for name, amount in (("capacity", self.capacity), ("reserved", self.reserved)):
            words = "What runs may reserve" if name == "capacity" else "What attempts reserve"
            yield _gauge(f"orchestrator_{name}_cpus", f"{words}.", amount.cpu_millis / 1000)
            yield _gauge(f"orchestrator_{name}_memory_bytes", f"{words}.", amount.memory_bytes)
        yield _gauge(
            "orchestrator_runs_peak_memory_bytes",
            "The most that attempts in progress have used, each for itself, together.",
            self.peak_memory_bytes,
        )
        yield _gauge("orchestrator_warm_containers", "Containers that wait for a run.", self.warm_containers)
        yield _counter("orchestrator_warm_hits", "Claims that found a container waiting.", self.warm_hits)
        yield _counter("orchestrator_warm_misses", "Claims that found none.", self.warm_misses)


@dataclass(frozen=True, slots=True)
class StoreReading:
    """What the store says in a few commands, however much it holds."""

    queued: int
    queued_builds: int
    held: Held | None = None

    def families(self) -> Iterator[Metric]:
        """As metrics."""
        yield _gauge("orchestrator_queue_runs", "Runs that wait for capacity.", self.queued)
        yield _gauge("orchestrator_builds_queued", "Versions that wait to be built.", self.queued_builds)
        if self.held is not None:
            yield _gauge("orchestrator_store_memory_bytes", "What the store holds.", self.held.memory_bytes)
            yield _gauge(
                "orchestrator_store_memory_limit_bytes",
                "What it may hold; 0 is no limit.",
                self.held.memory_limit_bytes,
            )
            yield _gauge("orchestrator_store_finished_runs", "Finished runs that are kept.", self.held.finished_runs)


def store_up(is_up: bool) -> Metric:
    """Whether the store answered just now."""
    return _gauge("orchestrator_store_up", "Whether the store answered just now.", int(is_up))


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)


def _counter(name: str, help_text: str, value: float) -> Metric:
    return CounterMetricFamily(name, help_text, value=value)
