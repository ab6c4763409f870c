from __future__ import annotations

from typing import Any

import pytest

from orchestrator.core.runs.events import Claimed, ErrorReported, ShimReady
from orchestrator.core.runs.run import Call, Failure, FailureClass, Run
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.runs.store import RunStore
from orchestrator.store.runs.trees import Trees
from tests.core.sample_runs import NOW_MS, a_run

FINAL = Failure(FailureClass.ERROR, "boom", "ValueError", retryable=False)


async def running(runs: RunStore, run_id: str, parent: Run | None = None, number: int = 0) -> Run:
    """A running run, below the parent where there is one."""
    chained: dict[str, Any] = {"root_id": run_id}
    if parent:
        chained = {"root_id": parent.root_id, "call": Call(parent.id, parent.attempt, number), "depth": 1}
    await runs.create(a_run(id=run_id, **chained), "[]", parent_fence=parent.fence if parent else 0)
    for event in (Claimed(NOW_MS + 1000), ShimReady()):
        await runs.change(run_id, event, now_ms=NOW_MS)
    return await runs.get(run_id)


@pytest.fixture
def runs(store: Client) -> RunStore:
    return RunStore(store)


@pytest.fixture
async def root(runs: RunStore) -> Run:
    """Of a tree a(b(d), c), in which d failed, beside a tree of its own."""
    root = await running(runs, "trn-a")
    below = await running(runs, "trn-b", root, 0)
    await running(runs, "trn-c", root, 1)
    await running(runs, "trn-d", below, 0)
    await runs.change("trn-d", ErrorReported(FINAL), now_ms=NOW_MS + 5)
    await running(runs, "trn-e")
    return root


async def test_the_whole_tree_of_a_root_by_status(store: Client, root: Run) -> None:
    members = await Trees(store).members(root)
    assert members.ids() == ["trn-a", "trn-b", "trn-c", "trn-d"]
    assert members.counts() == {"canceled": 0, "completed": 0, "failed": 1, "pending": 0, "running": 3}


async def test_below_another_run_is_what_it_asked_for_and_they(store: Client, runs: RunStore, root: Run) -> None:
    members = await Trees(store).members(await runs.get("trn-b"))
    assert members.ids() == ["trn-b", "trn-d"]
    assert members.by_status["failed"] == ["trn-d"]


async def test_rows_come_in_the_order_asked_without_those_that_are_gone(store: Client, root: Run) -> None:
    found = [row async for part in Trees(store).summaries(["trn-d", "trn-gone", "trn-a"], {}) for row in part]
    assert [(row.id, row.status, row.parent_id) for row in found] == [
        ("trn-d", "failed", "trn-b"),
        ("trn-a", "running", None),
    ]


async def test_more_runs_than_are_read_at_once_come_in_parts(store: Client, root: Run) -> None:
    parts = [len(part) async for part in Trees(store).summaries(["trn-a"] * 4_001, {})]
    assert parts == [2_000, 2_000, 1]


async def test_runs_that_an_earlier_release_changed_are_read_from_their_documents(store: Client, root: Run) -> None:
    row = await store.hget(keys.run("trn-c"), "row")
    await store.hdel(keys.run("trn-b"), "row")
    await store.hset(keys.run("trn-d"), "row", str(row).replace("trn-c", "trn-d"))
    statuses = (await Trees(store).members(root)).statuses()
    found = [row async for part in Trees(store).summaries(["trn-b", "trn-c", "trn-d"], statuses) for row in part]
    assert [(row.id, row.status) for row in found] == [("trn-b", "running"), ("trn-c", "running"), ("trn-d", "failed")]
