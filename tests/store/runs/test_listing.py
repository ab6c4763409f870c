from __future__ import annotations

import pytest

from orchestrator.core.runs.annotations import Annotations
from orchestrator.core.runs.events import CancelRequested, Claimed, ErrorReported
from orchestrator.core.runs.run import Failure, FailureClass, Run, Status
from orchestrator.store import ids, keys
from orchestrator.store.connection import Client
from orchestrator.store.runs import listing as listing_module
from orchestrator.store.runs.annotations import Annotated
from orchestrator.store.runs.listing import Filter, RunListing
from orchestrator.store.runs.reindex import index_roots
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

    monkeypatch.setattr(runs, "get_annotated", note)
    await listing.page(Filter(statuses=frozenset({Status.FAILED})), before=None, limit=100)
    assert read == []


async def made(runs: RunStore, count: int, step_ms: int = 1000) -> list[str]:
    """Roots whose ids are made by the clock, a step apart."""
    made_ids = [ids.new_id(ids.RUN, NOW_MS + index * step_ms) for index in range(count)]
    for run_id in made_ids:
        await runs.create(a_run(id=run_id, root_id=run_id), "[]")
    return made_ids


async def failed(runs: RunStore, run_id: str, message: str) -> None:
    run = a_run(id=run_id, root_id=run_id)
    await runs.create(run, "[]")
    await runs.change(run_id, Claimed(NOW_MS + 1000), now_ms=NOW_MS)
    failure = Failure(FailureClass.ERROR, message, retryable=False)
    await runs.change(run_id, ErrorReported(failure), now_ms=NOW_MS)


async def found_ids(listing: RunListing, wanted: Filter, before: str | None = None, limit: int = 100) -> list[str]:
    return [one.run.id for one in (await listing.find(wanted, before=before, limit=limit)).runs]


async def test_a_range_of_times_is_of_creation_with_its_begin_and_without_its_end(store: Client) -> None:
    runs = RunStore(store)
    made_ids = await made(runs, 5)
    wanted = Filter(created_from_ms=NOW_MS + 1000, created_before_ms=NOW_MS + 3000)
    assert await found_ids(RunListing(store, runs), wanted) == [made_ids[2], made_ids[1]]


async def test_a_run_is_found_by_how_its_id_begins(store: Client) -> None:
    runs = RunStore(store)
    for run_id in ("trn-0a1", "trn-0a2", "trn-0b1"):
        await runs.create(a_run(id=run_id, root_id=run_id), "[]")
    assert await found_ids(RunListing(store, runs), Filter(id_prefix="trn-0a")) == ["trn-0a2", "trn-0a1"]
    assert await found_ids(RunListing(store, runs), Filter(id_prefix="trn-0a"), before="trn-0a2") == ["trn-0a1"]


async def test_runs_are_found_by_tag_whatever_their_status(store: Client) -> None:
    runs, listing = RunStore(store), RunListing(store, RunStore(store))
    for run_id, tags in (("trn-1", ("a", "b")), ("trn-2", ("b",)), ("trn-3", ())):
        await runs.create(a_run(id=run_id, root_id=run_id), "[]", Annotations(tags))
    await runs.change("trn-2", CancelRequested("no"), now_ms=NOW_MS)
    assert await found_ids(listing, Filter(tags=frozenset({"b"}))) == ["trn-2", "trn-1"]
    assert await found_ids(listing, Filter(tags=frozenset({"a", "b"}))) == ["trn-2", "trn-1"]
    assert await found_ids(listing, Filter(tags=frozenset({"b"}), statuses=frozenset({Status.QUEUED}))) == ["trn-1"]
    assert await found_ids(listing, Filter(tags=frozenset({"b"}), task_ids=frozenset({"tsk-9"}))) == []
    assert (await listing.find(Filter(tags=frozenset({"a"})), before=None, limit=1)).runs[0].annotations.tags == (
        "a",
        "b",
    )


@pytest.mark.parametrize("are_indexed", [True, False])
async def test_roots_alone_are_found_whether_or_not_they_are_indexed(store: Client, are_indexed: bool) -> None:
    runs = RunStore(store)
    await runs.create(a_run(), "[]")
    await runs.create(a_run(id="trn-2", depth=1), "[]")
    await runs.create(a_run(id="trn-3", root_id="trn-3", workflow_id="wfl-2"), "[]")
    if are_indexed:
        await index_roots(store)
    else:
        await store.delete(f"{keys.ROOTS}:pending")
    listing = RunListing(store, runs)
    assert await found_ids(listing, Filter(roots_only=True)) == ["trn-3", "trn-1"]
    assert await found_ids(listing, Filter(roots_only=True, workflow_ids=frozenset({"wfl-1"}))) == ["trn-1"]


async def test_a_text_is_found_in_errors(store: Client) -> None:
    runs = RunStore(store)
    await failed(runs, "trn-1", "card declined")
    await failed(runs, "trn-2", "no such file")
    await runs.create(a_run(id="trn-3", root_id="trn-3"), "[]")
    assert await found_ids(RunListing(store, runs), Filter(text="DECLINED")) == ["trn-1"]


async def test_a_search_that_takes_long_says_where_to_go_on(store: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_module, "DOCUMENTS_LIMIT", 10)
    monkeypatch.setattr(listing_module, "_DOCUMENTS_CHUNK", 5)
    runs = RunStore(store)
    for index in range(25):
        await failed(runs, f"trn-{index:03}", "the one" if index == 2 else "another")
    listing, position, pages = RunListing(store, runs), None, list[list[str]]()
    while True:
        found = await listing.find(Filter(text="the one"), before=position, limit=10)
        pages.append([one.run.id for one in found.runs])
        position = found.following
        if position is None:
            break
    assert pages == [[], [], ["trn-002"]]


async def test_a_full_page_says_where_to_go_on_and_the_last_one_does_not(store: Client) -> None:
    runs = RunStore(store)
    made_ids = await made(runs, 3)
    listing = RunListing(store, runs)
    first = await listing.find(Filter(), before=None, limit=2)
    assert first.following == made_ids[1]
    assert (await listing.find(Filter(), before=first.following, limit=2)).following is None


async def test_what_indexes_tell_is_not_read(
    listing: RunListing, runs: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 250 runs, 42 are of one task and one workflow: only these are read."""
    read: list[str] = []
    get_annotated = runs.get_annotated

    async def note(run_ids: list[str]) -> list[Annotated]:
        read.extend(run_ids)
        return await get_annotated(run_ids)

    monkeypatch.setattr(runs, "get_annotated", note)
    wanted = Filter(task_ids=frozenset({"tsk-0"}), workflow_ids=frozenset({"wfl-0"}))
    assert len((await listing.find(wanted, before=None, limit=100)).runs) == len(read) == 42


async def test_counts_are_by_status_and_by_the_minute_of_creation(store: Client) -> None:
    runs = RunStore(store)
    made_ids = await made(runs, 5, step_ms=40_000)
    for run_id in made_ids[:2]:
        await runs.change(run_id, CancelRequested("no"), now_ms=NOW_MS)
    counts = await RunListing(store, runs).counts(Filter(), now_ms=NOW_MS + 300_000)
    assert counts.totals == {"pending": 3, "running": 0, "completed": 0, "failed": 0, "canceled": 2}
    assert {at: dict(of) for at, of in counts.by_minute.items()} == {
        960_000: {"canceled": 1},
        1_020_000: {"canceled": 1},
        1_080_000: {"pending": 2},
        1_140_000: {"pending": 1},
    }
    assert counts.is_complete


async def test_counts_of_several_filters_together_are_of_what_a_list_would_have(listing: RunListing) -> None:
    wanted = Filter(task_ids=frozenset({"tsk-0"}), workflow_ids=frozenset({"wfl-0"}))
    listed = await listing.find(wanted, before=None, limit=200)
    assert (await listing.counts(wanted, now_ms=NOW_MS)).totals["pending"] == len(listed.runs) == 42


async def test_a_root_is_counted_with_its_tree_as_what_it_is(store: Client) -> None:
    runs = RunStore(store)
    await runs.create(a_run(), "[]")
    await runs.create(a_run(id="trn-2", depth=1), "[]")
    await runs.change("trn-1", CancelRequested("no"), now_ms=NOW_MS)
    counts = await RunListing(store, runs).counts(Filter(root_ids=frozenset({"trn-1"})), now_ms=NOW_MS)
    assert {word: count for word, count in counts.totals.items() if count} == {"pending": 1, "canceled": 1}


async def test_old_minutes_are_counted_in_all_but_not_one_by_one(store: Client) -> None:
    runs = RunStore(store)
    await made(runs, 2)
    counts = await RunListing(store, runs).counts(Filter(), now_ms=NOW_MS + 7 * 3600 * 1000)
    assert (counts.totals["pending"], counts.by_minute) == (2, {})


async def test_a_count_that_takes_long_says_that_it_is_not_complete(
    store: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_module, "CANDIDATES_LIMIT", 100)
    runs = RunStore(store)
    for index in range(300):
        await runs.create(a_run(id=f"trn-{index:03}"), "[]", Annotations(("a", "b")))
    counts = await RunListing(store, runs).counts(Filter(tags=frozenset({"a", "b"})), now_ms=NOW_MS)
    assert not counts.is_complete
    assert 100 <= counts.totals["pending"] < 300
