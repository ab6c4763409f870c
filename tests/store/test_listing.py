from __future__ import annotations

import pytest

from orchestrator.store.connection import Client
from orchestrator.store.listing import Filter, RunListing
from orchestrator.store.runs import RunStore
from tests.core.runs import a_run


@pytest.fixture
async def listing(store: Client) -> RunListing:
    runs = RunStore(store)
    for index in range(250):
        await runs.create(a_run(id=f"trn-{index:03}", task_id=f"tsk-{index % 2}", workflow_id=f"wfl-{index % 3}"), "[]")
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
