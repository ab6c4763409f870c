"""Canceling a tree: everything in it, once, and nothing is left to be done."""

from __future__ import annotations

import pytest

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Call, Failure, FailureClass, Run, Status
from orchestrator.store.connection import Client
from orchestrator.store.runs.cancel import cancel_descendants, cancel_tree
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import NOW_MS, a_run


@pytest.fixture
def runs(store: Client) -> RunStore:
    return RunStore(store)


async def running(runs: RunStore, run_id: str, parent: Run | None = None) -> Run:
    """A run that has its assignment."""
    call = Call(parent.id, parent.attempt, 0) if parent else None
    run = a_run(id=run_id, root_id="trn-root", depth=parent.depth + 1 if parent else 0, call=call)
    await runs.create(run, "[]", parent_fence=parent.fence if parent else 0)
    await runs.change(run.id, ev.Claimed(NOW_MS + 1000), now_ms=NOW_MS)
    decision = await runs.change(run.id, ev.ShimReady(), now_ms=NOW_MS)
    assert decision is not None
    return decision.run


async def a_chain(runs: RunStore) -> list[str]:
    """A root, its child and its grandchild, all at work."""
    root = await running(runs, "trn-root")
    child = await running(runs, "trn-child", root)
    grandchild = await running(runs, "trn-grandchild", child)
    return [root.id, child.id, grandchild.id]


async def test_who_cancels_a_tree_leaves_nothing_of_it_to_others(runs: RunStore) -> None:
    ids = await a_chain(runs)
    assert await cancel_tree(runs, "trn-root", "asked", now_ms=NOW_MS)
    assert {run.status for run in await runs.get_many(ids)} == {Status.STOPPING}
    assert await runs.cascades() == []


async def test_what_a_crash_left_to_be_canceled_is_canceled_by_whoever_finds_it(runs: RunStore) -> None:
    ids = await a_chain(runs)
    await runs.change("trn-root", ev.CancelRequested("asked"), now_ms=NOW_MS)
    (left,) = await runs.cascades()
    await cancel_descendants(runs, left, now_ms=NOW_MS)
    assert {run.status for run in await runs.get_many(ids)} == {Status.STOPPING}
    assert await runs.cascades() == []


async def test_the_end_of_a_stopped_attempt_asks_for_no_second_cascade(runs: RunStore) -> None:
    await a_chain(runs)
    await cancel_tree(runs, "trn-root", "asked", now_ms=NOW_MS)
    killed = Failure(FailureClass.EXIT, "killed")
    await runs.change("trn-root", ev.ContainerExited(killed, 143), now_ms=NOW_MS)
    assert await runs.cascades() == []


async def test_unfinished_runs_below_a_finished_one_are_canceled_too(runs: RunStore) -> None:
    ids = await a_chain(runs)
    await runs.change("trn-child", ev.ResultReported(), now_ms=NOW_MS, result_json="1")
    assert await cancel_tree(runs, "trn-root", "asked", now_ms=NOW_MS)
    statuses = [run.status for run in await runs.get_many(ids)]
    assert statuses == [Status.STOPPING, Status.COMPLETED, Status.STOPPING]
