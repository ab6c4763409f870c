"""A finished tree goes with everything that belongs to it; whatever is unfinished, or needed, stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from orchestrator.core.logs import LogLine
from orchestrator.core.retention import FinishedTree
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Call, Run
from orchestrator.core.tasks import check
from orchestrator.core.workflow import Source, Version
from orchestrator.store import keys
from orchestrator.store.connection import Client, Full, connect_binary
from orchestrator.store.lease import Lease, LeaseLost
from orchestrator.store.logs import LogStore
from orchestrator.store.removal import Removal
from orchestrator.store.runs.store import Disposition, RunNotFound, RunStore
from orchestrator.store.workflows.store import Unknown, WorkflowStore
from tests.core.sample_runs import NOW_MS, a_run
from tests.env_cipher import CIPHER

ROOT = a_run()
ENDS_MS = NOW_MS + 5


@pytest.fixture
def runs(store: Client) -> RunStore:
    return RunStore(store)


@pytest.fixture
def removal(store: Client) -> Removal:
    return Removal(store)


@pytest.fixture
async def workflows(store: Client, redis_servers: tuple[str, str]) -> AsyncIterator[WorkflowStore]:
    binary = connect_binary(redis_servers[0])
    yield WorkflowStore(store, binary, CIPHER)
    await binary.aclose()


async def started(runs: RunStore, run: Run, *, idempotency_key: str = "") -> Run:
    await runs.create(run, "[]", idempotency_key=idempotency_key, parent_fence=1)
    await runs.change(run.id, ev.Claimed(NOW_MS + 1000), now_ms=NOW_MS)
    await runs.change(run.id, ev.ShimReady(), now_ms=NOW_MS)
    return await runs.get(run.id)


async def completed(runs: RunStore, run_id: str, *, now_ms: int = ENDS_MS) -> None:
    await runs.change(run_id, ev.ResultReported(), now_ms=now_ms, result_json="1")


async def with_child(runs: RunStore) -> tuple[Run, Run]:
    root = await started(runs, ROOT, idempotency_key="once")
    return root, await started(runs, a_run(id="trn-2", depth=1, call=Call(root.id, 0, 0)))


async def test_a_removed_tree_leaves_nothing_behind(runs: RunStore, removal: Removal, store: Client) -> None:
    for run in await with_child(runs):
        await LogStore(store).writer(keys.run_logs(run.id, 0)).append([LogLine(1, "stdout", "hello")])
        await completed(runs, run.id)
    assert await removal.remove_tree("trn-1", ())
    left = await store.keys("*")
    assert [key for key in left if not key.startswith("orc:metrics:")] == [keys.FEED]  # counts expire by themselves


async def test_a_tree_is_finished_when_its_last_run_ends(runs: RunStore, removal: Removal) -> None:
    root, child = await with_child(runs)
    await completed(runs, root.id)
    assert await removal.oldest_trees(10) == []
    assert not await removal.remove_tree(root.id, ())
    await completed(runs, child.id, now_ms=ENDS_MS + 7)
    assert await removal.oldest_trees(10) == [FinishedTree(root.id, ENDS_MS + 7, 2)]


async def test_a_run_canceled_before_it_started_ends_its_tree_too(runs: RunStore, removal: Removal) -> None:
    await runs.create(ROOT, "[]")
    await runs.change(ROOT.id, ev.CancelRequested("no"), now_ms=ENDS_MS)
    assert await removal.oldest_trees(10) == [FinishedTree(ROOT.id, ENDS_MS, 1)]


async def test_nothing_of_an_unfinished_tree_can_be_removed(runs: RunStore, removal: Removal) -> None:
    root, child = await with_child(runs)
    await completed(runs, child.id)
    assert not await removal.remove_tree(root.id, ())
    assert (await runs.get(child.id)).is_terminal


async def test_a_tree_left_half_way_is_known_by_its_root_until_all_of_it_is_gone(
    runs: RunStore, removal: Removal
) -> None:
    root, child = await with_child(runs)
    await completed(runs, child.id)
    await completed(runs, root.id)
    assert not await removal.remove_tree(root.id, {child.id})
    assert [tree.root_id for tree in await removal.oldest_trees(10)] == [root.id]
    assert await removal.remove_tree(root.id, ())
    assert await removal.oldest_trees(10) == []


async def test_the_neighbours_of_a_removed_run_stay(runs: RunStore, removal: Removal) -> None:
    for run_id in ("trn-1", "trn-3"):
        await started(runs, a_run(id=run_id, root_id=run_id), idempotency_key=run_id)
        await completed(runs, run_id)
    await removal.remove_tree("trn-1", ())
    with pytest.raises(RunNotFound):
        await runs.get("trn-1")
    assert await runs.get("trn-3")
    assert (await removal.held()).finished_runs == 1
    again, _ = await runs.create(a_run(id="trn-4", root_id="trn-4"), "[]", idempotency_key="trn-3")
    assert again is Disposition.EXISTS


async def test_a_store_that_is_full_can_still_be_emptied(runs: RunStore, removal: Removal, store: Client) -> None:
    await started(runs, ROOT)
    await completed(runs, ROOT.id)
    await store.script_flush()
    await store.config_set("maxmemory", "1mb")
    try:
        with pytest.raises(Full):
            await runs.create(a_run(id="trn-2", root_id="trn-2"), "[]")
        assert await removal.remove_tree(ROOT.id, ())
    finally:
        await store.config_set("maxmemory", 0)


async def test_who_lost_the_lease_removes_nothing(runs: RunStore, store: Client) -> None:
    await started(runs, ROOT)
    await completed(runs, ROOT.id)
    lease = Lease(store, "a", lease_s=10)
    assert await lease.try_take()
    await store.hincrby(keys.LEASE, "token", 1)
    with pytest.raises(LeaseLost):
        await Removal(store, lease).remove_tree(ROOT.id, ())
    assert await runs.get(ROOT.id)


async def two_versions(workflows: WorkflowStore) -> tuple[Version, Version]:
    released = []
    for now_ms in (1, 2):
        _, version = await workflows.deploy("maths", Source("/"), "main.py", {}, b"", now_ms=now_ms)
        await workflows.builds.done((await workflows.builds.next(timeout_s=1)) or "")
        released.append(await workflows.release(version, check([{"name": "square"}]), now_ms=now_ms))
    return released[0], released[1]


async def test_a_version_goes_once_no_unfinished_run_needs_it(
    runs: RunStore, removal: Removal, workflows: WorkflowStore
) -> None:
    old, _ = await two_versions(workflows)
    await started(runs, replace(ROOT, version_id=old.id, workflow_id=old.workflow_id))
    assert not await removal.remove_version(old, now_ms=3)
    await completed(runs, ROOT.id)
    assert await removal.remove_version(old, now_ms=3)
    workflows.forget(old.id)
    assert [one.number for one in await workflows.versions(old.workflow_id)] == [2]
    with pytest.raises(Unknown):
        await workflows.version(old.id)


async def test_the_version_that_serves_cannot_be_removed(removal: Removal, workflows: WorkflowStore) -> None:
    _, serving = await two_versions(workflows)
    assert not await removal.remove_version(serving, now_ms=3)


async def test_a_request_that_comes_too_late_for_a_version_makes_no_run(
    runs: RunStore, removal: Removal, workflows: WorkflowStore
) -> None:
    old, _ = await two_versions(workflows)
    await removal.remove_version(old, now_ms=3)
    disposition, _ = await runs.create(replace(ROOT, version_id=old.id), "[]")
    assert disposition is Disposition.RETIRED
    with pytest.raises(RunNotFound):
        await runs.get(ROOT.id)


async def test_the_number_of_a_removed_version_is_not_given_again(removal: Removal, workflows: WorkflowStore) -> None:
    old, _ = await two_versions(workflows)
    await removal.remove_version(old, now_ms=3)
    _, newest = await workflows.deploy("maths", Source("/"), "main.py", {}, b"", now_ms=4)
    assert newest.number == 3
