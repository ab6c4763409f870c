"""How much of the host runs get."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from orchestrator.app.reservations import described, lack_of_memory, parallel_starts, reservation, spare_namespaces
from orchestrator.app.settings import Settings
from orchestrator.core.plans import GIB, MIB
from orchestrator.core.scheduling.capacity import STRICT, Reservation
from orchestrator.engine.base import EngineInfo
from orchestrator.engine.fake.engine import FakeEngine

INFO = EngineInfo("fake", "1", 2_000, 16 * GIB, "1", pids=32_768)


@pytest.fixture
def limits(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What all containers together were limited to."""
    asked: list[int] = []

    async def confine(memory_bytes: int) -> str:
        asked.append(memory_bytes)
        return ""

    monkeypatch.setattr(fake_engine, "confine", confine)
    return asked


async def test_by_default_a_quarter_of_the_cpu_is_reserved_and_the_memory_that_is_needed(
    fake_engine: FakeEngine, limits: list[int]
) -> None:
    given = await reservation(Settings(), fake_engine, INFO)
    assert given == Reservation(0.25, memory_by_need=True)
    assert limits == [15 * GIB], "the host keeps its share"
    assert described(given) == "25% of its plan's CPU, and the memory its task is seen to need"


async def test_both_can_be_strict(fake_engine: FakeEngine, limits: list[int]) -> None:
    given = await reservation(Settings(cpu_overcommit=1, memory_reservation="plan"), fake_engine, INFO)
    assert given == STRICT
    assert limits == [15 * GIB]
    assert described(given) == "its plan's CPU, and the memory its plan has"


async def test_a_host_that_allows_no_common_limit_works_without_and_reserves_plans(
    fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(memory_bytes: int) -> str:
        return "Read-only file system"

    monkeypatch.setattr(fake_engine, "confine", refuse)
    with caplog.at_level(logging.WARNING):
        assert await reservation(Settings(), fake_engine, INFO) == Reservation(0.25)
    assert [record.getMessage() for record in caplog.records] == [
        "run containers have no common limit of memory, so each reserves its plan's: Read-only file system"
    ]


async def test_no_limit_can_be_asked_for_and_then_plans_are_reserved(
    fake_engine: FakeEngine, limits: list[int]
) -> None:
    assert await reservation(Settings(memory_limit_bytes=0), fake_engine, INFO) == Reservation(0.25)
    assert limits == []


def test_the_hosts_memory_is_asked_only_where_it_is_this_one() -> None:
    impossible = Settings(host_memory_reserve_bytes=2**60)
    assert "must stay free" in lack_of_memory(impossible, INFO)()
    assert lack_of_memory(impossible, replace(INFO, pids=None))() == ""
    assert lack_of_memory(Settings(host_memory_reserve_bytes=MIB), INFO)() == ""


def test_more_cpus_start_more_at_once() -> None:
    assert parallel_starts(Settings(), INFO) == 6
    assert parallel_starts(Settings(), replace(INFO, cpu_millis=1_000)) == 4
    assert parallel_starts(Settings(), replace(INFO, cpu_millis=16_000)) == 48
    assert parallel_starts(Settings(parallel_starts=1), INFO) == 1


def test_a_namespace_waits_for_each_container_that_may_be_started_at_once_up_to_a_dozen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert spare_namespaces(Settings()) == 6
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    assert spare_namespaces(Settings()) == 12
    assert spare_namespaces(Settings(parallel_starts=1)) == 1
