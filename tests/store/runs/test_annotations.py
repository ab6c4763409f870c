"""What is said about a run, beside its document."""

from __future__ import annotations

import pytest

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.annotations import NOTHING_SAID, Annotations, Progress
from orchestrator.core.runs.run import Run
from orchestrator.core.runs.summary import Reported
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.documents import load_summary
from orchestrator.store.lease import Lease, LeaseLost
from orchestrator.store.removal import Removal
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import NOW_MS, a_run

SAID = Annotations(("nightly", "a:b ü"), {"rows": 3}, Progress(0.5, "half", 0, NOW_MS))


async def running(runs: RunStore) -> Run:
    await runs.create(a_run(), "[]", Annotations(("nightly",), {"by": "cron"}))
    await runs.change("trn-1", ev.Claimed(NOW_MS + 1000), now_ms=NOW_MS)
    await runs.change("trn-1", ev.ShimReady(), now_ms=NOW_MS)
    return await runs.get("trn-1")


async def test_what_was_said_at_the_submission_is_read_with_the_run(store: Client) -> None:
    runs = RunStore(store)
    run = await running(runs)
    (found,) = await runs.get_annotated(["trn-1"])
    assert (found.run, found.annotations) == (run, Annotations(("nightly",), {"by": "cron"}))


async def test_a_run_of_an_earlier_release_has_nothing_said(store: Client) -> None:
    runs = RunStore(store)
    await runs.create(a_run(), "[]")
    assert (await runs.get_stored("trn-1")).annotations == NOTHING_SAID


async def test_what_an_attempt_says_changes_nothing_but_that(store: Client) -> None:
    runs = RunStore(store)
    run = await running(runs)
    before = await store.hgetall("orc:run:trn-1")
    assert await runs.annotate(run, Annotations(("nightly",), {"by": "cron"}), SAID)
    after = await store.hgetall("orc:run:trn-1")
    assert {name for name in after if after[name] != before.get(name)} == {"tags", "metadata", "progress"}
    assert (await runs.get_stored("trn-1")).annotations == SAID
    assert await store.zrange(keys.tagged("a:b ü"), 0, -1) == ["trn-1"]


async def test_the_feed_tells_of_it_as_the_run_is(store: Client) -> None:
    runs = RunStore(store)
    run = await running(runs)
    await runs.annotate(run, NOTHING_SAID, SAID)
    (_, entry), (_, before) = await store.xrevrange(keys.FEED, count=2)
    assert (entry["e"], entry["a"]) == (before["e"], "1")


async def test_an_attempt_that_is_over_says_nothing_any_more(store: Client) -> None:
    runs = RunStore(store)
    run = await running(runs)
    await runs.change("trn-1", ev.ResultReported(), now_ms=NOW_MS, result_json="1")
    assert not await runs.annotate(run, NOTHING_SAID, SAID)
    assert (await runs.get_stored("trn-1")).annotations.progress is None


async def test_who_lost_the_lease_says_nothing_any_more(store: Client) -> None:
    run = await running(RunStore(store))
    lease = Lease(store, "us", lease_s=10)
    assert await lease.try_take()
    await store.hincrby(keys.LEASE, "token", 1)
    with pytest.raises(LeaseLost):
        await RunStore(store, lease).annotate(run, NOTHING_SAID, SAID)


async def test_all_of_it_goes_with_the_run(store: Client) -> None:
    runs = RunStore(store)
    run = await running(runs)
    await runs.annotate(run, Annotations(("nightly",)), SAID)
    await runs.change("trn-1", ev.ResultReported(), now_ms=NOW_MS, result_json="1")
    assert await Removal(store).remove_tree("trn-1", ())
    assert [key async for key in store.scan_iter("orc:run*")] == []


async def test_whoever_follows_changes_is_told_how_far_a_run_is(store: Client) -> None:
    runs = RunStore(store)
    run = await running(runs)
    assert await runs.annotate(run, NOTHING_SAID, SAID)
    ((_, fields),) = await store.xrevrange(keys.FEED, count=1)
    assert load_summary(fields["r"]).progress == Reported(0.5, "half")
