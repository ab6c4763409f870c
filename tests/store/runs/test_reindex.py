from __future__ import annotations

from orchestrator.core.runs.events import CancelRequested
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.runs import indexes
from orchestrator.store.runs.reindex import index_roots
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import NOW_MS, a_run


async def test_roots_of_earlier_releases_are_put_into_their_index(store: Client) -> None:
    runs = RunStore(store)
    for index in range(150):
        await runs.create(a_run(id=f"trn-{index:03}", root_id=f"trn-{index:03}"), "[]")
    await runs.create(a_run(id="trn-child", root_id="trn-000"), "[]")
    await runs.change("trn-001", CancelRequested("no"), now_ms=NOW_MS)
    await store.delete(*indexes.split(keys.ROOTS))
    assert await index_roots(store) == 151
    assert await store.zcard(f"{keys.ROOTS}:pending") == 149
    assert await store.zrange(f"{keys.ROOTS}:canceled", 0, -1) == ["trn-001"]


async def test_it_is_done_once(store: Client) -> None:
    await RunStore(store).create(a_run(), "[]")
    assert await index_roots(store) == 1
    assert await index_roots(store) == 0
