from __future__ import annotations

import pytest

from orchestrator.core.runs.events import CancelRequested
from orchestrator.core.runs.run import Run, Status
from orchestrator.store.connection import Client
from orchestrator.store.runs.listing import Filter, RunListing
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import NOW_MS, a_run


@pytest.fixture
async def runs(store: Client) -> RunStore:
    runs = RunStore(store)
    for index in range(250):
        await runs.create(a_run(id=f"trn-{index:03}", task_id=f"tsk-{index % 2}", workflow_id=f"wfl-{index % 3}"), "[]")
    return runs


@pytest.fixture
def listing(store: Client, runs: RunStore) -> RunListing:
    return RunListing(store, runs)


async def test_runs_are_listed_newest_first_in_pages(listing: RunListing) -> None:
    first = await listing.page(Filter(), before=None, limit=120)
    rest = await listing.page(Filter(), before=first[-1].id, limit=200)
    assert [run.id for run in first + rest] == [f"trn-{index:03}" for index in reversed(range(250))]


async def test_filters_narrow_the_list_together(listing: RunListing) -> None:
    wanted = Filter(task_ids=frozenset({"tsk-0"}), workflow_ids=frozenset({"wfl-0"}))
    found = await listing.page(wanted, before=None, limit=100)
    assert [run.id for run in found] == [f"trn-{index:03}" for index in reversed(range(250)) if index % 6 == 0]


async def test_several_values_of_one_filter_widen_it(listing: RunListing) -> None:
    both = Filter(task_ids=frozenset({"tsk-0", "tsk-1"}))
    assert len(await listing.page(both, before=None, limit=500)) == 250


async def test_a_list_by_status_holds_what_has_it_now(store: Client) -> None:
    runs = RunStore(store)
    for index in range(120):
        await runs.create(a_run(id=f"trn-{index:03}", root_id=f"trn-{index:03}"), "[]")
    await runs.change("trn-001", CancelRequested("no"), now_ms=NOW_MS)
    listing = RunListing(store, runs)
    canceled = Filter(statuses=frozenset({Status.CANCELED}), task_ids=frozenset({"tsk-1"}))
    assert [run.id for run in await listing.page(canceled, before=None, limit=10)] == ["trn-001"]
    queued = await listing.page(Filter(statuses=frozenset({Status.QUEUED})), before=None, limit=500)
    assert len(queued) == 119


async def test_a_tree_is_listed_with_its_root(store: Client) -> None:
    runs = RunStore(store)
    await runs.create(a_run(), "[]")
    await runs.create(a_run(id="trn-2", depth=1), "[]")
    await runs.create(a_run(id="trn-3", root_id="trn-3"), "[]")
    listing = RunListing(store, runs)
    tree = Filter(root_ids=frozenset({"trn-1"}))
    assert [run.id for run in await listing.page(tree, before=None, limit=10)] == ["trn-2", "trn-1"]
    assert [run.id for run in await listing.page(tree, before="trn-2", limit=10)] == ["trn-1"]


async def test_only_what_is_wanted_is_read(
    listing: RunListing, runs: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 250 queued runs a list of the failed ones reads none."""
    read: list[list[str]] = []

    async def note(run_ids: list[str]) -> list[Run]:
        read.append(run_ids)
        return []

    monkeypatch.setattr(runs, "get_many", note)
    await listing.page(Filter(statuses=frozenset({Status.FAILED})), before=None, limit=100)
    assert read == [[]]
