from __future__ import annotations

from collections import Counter

import pytest

from orchestrator.core.runs.events import CancelRequested
from orchestrator.core.runs.run import Status
from orchestrator.store.connection import Client
from orchestrator.store.runs.metrics import KEPT_S, Metrics
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import a_run

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


@pytest.fixture
async def counted(store: Client) -> Metrics:
    """Two runs queued in the last minute of one day and one in the first of the next, which is canceled there."""
    runs = RunStore(store)
    for run_id, at_ms in (("trn-1", DAY_MS - 1), ("trn-2", DAY_MS - 2), ("trn-3", DAY_MS)):
        await runs.create(a_run(id=run_id, root_id=run_id, created_at_ms=at_ms), "[]")
    await runs.change("trn-3", CancelRequested("no"), now_ms=DAY_MS + 1)
    return Metrics(store)


async def test_each_minute_has_its_count_also_over_midnight(counted: Metrics) -> None:
    found = await counted.counts("tsk-1", [Status.QUEUED, Status.CANCELED], DAY_MS - MINUTE_MS, DAY_MS + MINUTE_MS)
    assert found == {Status.QUEUED: Counter({DAY_MS - MINUTE_MS: 2, DAY_MS: 1}), Status.CANCELED: Counter({DAY_MS: 1})}


async def test_only_what_was_asked_for_is_counted(counted: Metrics) -> None:
    assert await counted.counts("tsk-1", [Status.QUEUED], DAY_MS, DAY_MS + MINUTE_MS) == {
        Status.QUEUED: Counter({DAY_MS: 1})
    }
    assert await counted.counts("tsk-2", [Status.FAILED], 0, DAY_MS) == {Status.FAILED: Counter()}


async def test_the_counts_of_a_day_expire(counted: Metrics, store: Client) -> None:
    left_s = [await store.ttl(key) for key in await store.keys("orc:metrics:*")]
    assert len(left_s) == 2
    assert all(KEPT_S - 24 * 3600 < one <= KEPT_S for one in left_s)
