"""The queue: what may start next, however many runs wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.core.runs.events import CancelRequested, Claimed
from orchestrator.core.runs.run import Run, Status
from orchestrator.core.scheduling import waits
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.control.pauses import Pauses
from orchestrator.store.runs import queue
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import NOW_MS, a_run, a_running_run, a_starting_run


@pytest.fixture
def runs(store: Client) -> RunStore:
    return RunStore(store)


def a_root(name: str, **changes: Any) -> Run:
    return a_run(id=name, root_id=name, **changes)


async def a_child(runs: RunStore, parent: Run, name: str, **changes: Any) -> None:
    """Queued as the child of a parent that the store does not ask after."""
    run = a_run(id=name, root_id=parent.root_id, depth=parent.depth + 1, **changes)
    await runs.create(run, "[]")


async def names(runs: RunStore, count: int, *holding: str) -> list[str]:
    return [run.run_id for run in (await runs.queue.head(count, frozenset(holding))).runs]


async def test_each_says_what_the_dispatcher_must_know(runs: RunStore) -> None:
    await runs.create(a_root("trn-1", plan="pro", created_at_ms=NOW_MS), "[]")
    (found,) = (await runs.queue.head(10)).runs
    assert (found.run_id, found.plan, found.depth, found.created_at_ms) == ("trn-1", "pro", 0, NOW_MS)
    assert (found.root_id, found.workflow_id, found.task_id, found.version_id) == ("trn-1", "wfl-1", "tsk-1", "wfv-1")


async def test_a_run_that_is_to_have_its_plan_says_so_and_leaves_the_queue_like_any_other(runs: RunStore) -> None:
    run = a_root("trn-1", reserves_plan=True)
    await runs.create(run, "[]")
    (found,) = (await runs.queue.head(10)).runs
    assert (found.reserves_plan, found.version_id) == (True, "wfv-1")
    await runs.change("trn-1", Claimed(NOW_MS), now_ms=NOW_MS)
    assert (await runs.queue.head(10)).runs == []


async def test_of_a_tree_deeper_runs_come_first_then_older_ones(runs: RunStore) -> None:
    root = a_root("trn-0")
    await a_child(runs, root, "trn-2", created_at_ms=NOW_MS + 1)
    await a_child(runs, root, "trn-1", created_at_ms=NOW_MS)
    await a_child(runs, a_run(root_id="trn-0", depth=1), "trn-3", created_at_ms=NOW_MS + 2)
    assert await names(runs, 10) == ["trn-3", "trn-1", "trn-2"]


async def test_only_the_oldest_trees_are_read_and_those_that_hold_something(runs: RunStore) -> None:
    for index in range(6):
        await runs.create(a_root(f"trn-{index}"), "[]")
    assert await names(runs, 3) == ["trn-0", "trn-1", "trn-2"]
    assert await names(runs, 3, "trn-1", "trn-5", "trn-gone") == ["trn-0", "trn-1", "trn-2", "trn-5"]


async def test_a_wide_tree_gives_as_much_as_there_is_to_choose_from(runs: RunStore) -> None:
    for index in range(20):
        await a_child(runs, a_root("trn-0"), f"trn-1{index:02}", created_at_ms=NOW_MS + index)
    assert len(await names(runs, 10)) == 10
    await runs.create(a_root("trn-2"), "[]")
    assert await names(runs, 10) == [*(f"trn-1{index:02}" for index in range(5)), "trn-2"]


async def test_every_workflow_is_read_however_much_another_one_has(runs: RunStore) -> None:
    for index in range(5):
        await runs.create(a_root(f"trn-{index}"), "[]")
    await runs.create(a_root("trn-9", workflow_id="wfl-2"), "[]")
    assert sorted(await names(runs, 2)) == ["trn-0", "trn-1", "trn-9"]


async def test_what_an_earlier_release_queued_is_queued_again_once(runs: RunStore, store: Client) -> None:
    await runs.create(a_root("trn-1"), "[]")
    for key in (keys.queue_tree("trn-1"), keys.queue_trees("wfl-1"), keys.QUEUE_WORKFLOWS, keys.QUEUE_LENGTH):
        await store.delete(key)
    await store.zadd("orc:queue", {"trn-1 starter": NOW_MS, "trn-gone starter": NOW_MS})
    assert (await runs.queue.adopt_old(), await runs.queue.adopt_old()) == (1, 0)
    assert (await names(runs, 10), await runs.queue.length(), await store.exists("orc:queue")) == (["trn-1"], 1, 0)


async def test_nothing_is_left_of_a_queue_that_is_empty(runs: RunStore, store: Client) -> None:
    await runs.create(a_root("trn-1"), "[]")
    await a_child(runs, a_root("trn-1"), "trn-2")
    for name in ("trn-1", "trn-2"):
        await runs.change(name, CancelRequested("enough"), now_ms=NOW_MS)
    assert await store.keys("orc:queue:t*") == []
    assert (await runs.queue.length(), await store.exists(keys.QUEUE_WORKFLOWS)) == (0, 0)


async def test_a_queued_run_says_why_the_next_does_not_start_and_how_many_are_ahead(store: Client) -> None:
    runs = RunStore(store)
    for number, root_id in enumerate(("trn-1", "trn-2", "trn-3")):
        await runs.create(a_run(id=root_id, root_id=root_id, created_at_ms=NOW_MS + number), "[]")
    await runs.queue.say_why("no room")
    found = await runs.queue.explained([await runs.get("trn-3"), await runs.get("trn-1")], NOW_MS)
    assert [run.waits_for for run in found] == ["no room, 2 ahead", "no room"]
    assert 0 < await store.ttl(keys.QUEUE_WHY) <= 15
    await runs.queue.say_why("")
    assert await runs.queue.why() is None


async def test_what_does_not_wait_for_its_turn_says_what_it_waits_for(store: Client) -> None:
    queue = RunStore(store).queue
    retried = replace(a_run(), status=Status.BACKOFF, due_at_ms=NOW_MS + 3_200)
    awaited = replace(a_run(), status=Status.BACKOFF, waits_for="its image")
    found = await queue.explained([a_starting_run(), retried, awaited, a_running_run()], NOW_MS)
    assert [run.waits_for for run in found] == [waits.STARTING, "retry in 3.2 s", "its image", None]


async def test_a_paused_workflow_gives_nothing_and_keeps_all_it_has(runs: RunStore, store: Client) -> None:
    await runs.create(a_root("trn-1"), "[]")
    await runs.create(a_root("trn-2", workflow_id="wfl-2"), "[]")
    await Pauses(store).pause("wfl-1", "", now_ms=NOW_MS)
    head = await runs.queue.head(10)
    assert ([run.run_id for run in head.runs], head.paused) == (["trn-2"], frozenset({"wfl-1"}))
    assert await runs.queue.length() == 2
    await Pauses(store).resume("wfl-1")
    assert sorted(await names(runs, 10)) == ["trn-1", "trn-2"]


async def test_runs_of_a_paused_task_hide_no_others(
    runs: RunStore, store: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in their own tree, nor as trees of their own."""
    monkeypatch.setattr(queue, "_MOVES", 7)
    for index in range(100):
        await runs.create(a_root(f"trn-0{index:02}", task_id="tsk-paused"), "[]")
        await a_child(runs, a_root("trn-200"), f"trn-3{index:02}", task_id="tsk-paused")
    await a_child(runs, a_root("trn-200"), "trn-400", created_at_ms=NOW_MS + 1)
    await runs.create(a_root("trn-500"), "[]")
    await Pauses(store).pause("tsk-paused", "", now_ms=NOW_MS)
    assert await names(runs, 4) == ["trn-400", "trn-500"]
    assert await runs.queue.length() == 202
    assert await store.zcard(keys.queue_aside("tsk-paused")) == 200
    await Pauses(store).resume("tsk-paused")
    assert (await names(runs, 4))[:2] == ["trn-000", "trn-001"]
    assert await store.zcard(keys.queue_tree("trn-200")) == 101
    assert await runs.queue.length() == 202
    assert await store.exists(keys.QUEUE_ASIDES, keys.queue_aside("tsk-paused")) == 0


async def test_a_run_that_was_set_aside_has_its_old_place_again(runs: RunStore, store: Client) -> None:
    root = a_root("trn-0")
    await a_child(runs, root, "trn-1", created_at_ms=NOW_MS, task_id="tsk-2", reserves_plan=True)
    await a_child(runs, root, "trn-2", created_at_ms=NOW_MS + 1)
    before = await runs.queue.head(10)
    await Pauses(store).pause("tsk-2", "", now_ms=NOW_MS)
    assert await names(runs, 10) == ["trn-2"]
    await Pauses(store).resume("tsk-2")
    assert await runs.queue.head(10) == before


async def test_a_run_that_ends_while_it_is_set_aside_is_gone(runs: RunStore, store: Client) -> None:
    await runs.create(a_root("trn-1"), "[]")
    await Pauses(store).pause("tsk-1", "", now_ms=NOW_MS)
    assert await names(runs, 10) == []
    await runs.change("trn-1", CancelRequested("no"), now_ms=NOW_MS)
    assert await runs.queue.length() == 0
    await Pauses(store).resume("tsk-1")
    assert await names(runs, 10) == []
    assert [key async for key in store.scan_iter("orc:queue*")] == []


async def test_a_run_that_is_paused_says_so_and_why(runs: RunStore, store: Client) -> None:
    await runs.create(a_root("trn-1"), "[]")
    await Pauses(store).pause("tsk-1", "the bank is closed", now_ms=NOW_MS)
    (run,) = await runs.queue.explained([await runs.get("trn-1")], NOW_MS)
    assert run.waits_for == "its task is paused: the bank is closed"
    await Pauses(store).pause("wfl-1", "", now_ms=NOW_MS)
    (run,) = await runs.queue.explained([await runs.get("trn-1")], NOW_MS)
    assert run.waits_for == "its workflow is paused"
