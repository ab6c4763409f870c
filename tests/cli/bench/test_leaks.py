from __future__ import annotations

from pathlib import Path
from typing import Any

from orchestrator.cli.bench.leaks import audit
from orchestrator.store import keys

CLEAN = {"channel lines": 0, "store keys": 0}


async def test_an_orchestrator_without_runs_has_nothing(store: Any, tmp_path: Path) -> None:
    assert await audit(store, tmp_path / "never made", frozenset) == CLEAN


async def test_the_line_of_a_container_that_is_gone_is_a_leak(store: Any, tmp_path: Path) -> None:
    (tmp_path / "c1").mkdir()
    assert await audit(store, tmp_path, frozenset) == CLEAN | {"channel lines": 1}


async def test_the_line_of_a_container_that_waits_is_none(store: Any, tmp_path: Path) -> None:
    (tmp_path / "c1").mkdir()
    assert await audit(store, tmp_path, lambda: ["c1"]) == CLEAN


async def test_a_run_that_is_active_or_queued_for_ever_is_a_leak(store: Any, tmp_path: Path) -> None:
    await store.sadd(keys.ACTIVE, "trn-1")
    await store.set(keys.QUEUE_LENGTH, 1)
    await store.zadd(keys.queue_tree("trn-2"), {"trn-2": 1})
    assert await audit(store, tmp_path, frozenset) == CLEAN | {"store keys": 3}
