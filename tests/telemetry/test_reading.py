from __future__ import annotations

from dataclasses import replace

from prometheus_client.core import Metric

from orchestrator.core.retention import Held
from orchestrator.core.scheduling.capacity import Amount
from orchestrator.telemetry.reading import SchedulerReading, StoreReading

READING = SchedulerReading(
    attempts=2,
    oldest_waiting_s=1.5,
    capacity=Amount(2_000, 8_000),
    reserved=Amount(500, 1_000),
    peak_memory_bytes=700,
    warm_containers=1,
    warm_hits=3,
    warm_misses=4,
)


def values(families: list[Metric]) -> dict[str, float]:
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_reservations_stand_beside_capacity_and_use() -> None:
    shown = values(list(READING.families()))
    assert (shown["orchestrator_reserved_cpus"], shown["orchestrator_capacity_cpus"]) == (0.5, 2)
    memory = [f"orchestrator_{name}_memory_bytes" for name in ("runs_peak", "reserved", "capacity")]
    assert [shown[name] for name in memory] == [700, 1_000, 8_000]
    assert (shown["orchestrator_warm_hits_total"], shown["orchestrator_warm_misses_total"]) == (3, 4)


def test_the_age_of_the_oldest_is_nothing_when_nothing_waits() -> None:
    shown = values(list(replace(READING, oldest_waiting_s=None).families()))
    assert shown["orchestrator_queue_oldest_age_seconds"] == 0


def test_the_stores_memory_is_there_when_it_was_asked() -> None:
    assert "orchestrator_store_memory_bytes" not in values(list(StoreReading(3, 1).families()))
    shown = values(list(StoreReading(3, 1, Held(5, 1_000, 9_000)).families()))
    assert (shown["orchestrator_queue_runs"], shown["orchestrator_store_memory_bytes"]) == (3, 1_000)
