from __future__ import annotations

from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.overview import Overview
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import a_run


async def test_pending_runs_are_counted_by_task_and_the_first_is_known(store: Client) -> None:
    overview, runs = Overview(store), RunStore(store)
    assert (await overview.oldest_pending_id(), await overview.pending([])) == (None, [])
    for name in ("trn-1", "trn-2"):
        await runs.create(a_run(id=name, root_id=name), "[]")
    assert await overview.pending(["tsk-1", "tsk-2"]) == [2, 0]
    assert await overview.oldest_pending_id() == "trn-1"


async def test_the_lease_says_who_schedules(store: Client) -> None:
    assert await Overview(store).leader() is None
    await store.hset(keys.LEASE, "owner", "box")
    assert await Overview(store).leader() == "box"
