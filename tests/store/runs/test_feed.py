from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import ConnectionError

from orchestrator.core.runs.events import CancelRequested
from orchestrator.core.runs.run import Status
from orchestrator.store import keys
from orchestrator.store.connection import Client, connect
from orchestrator.store.documents import load_summary
from orchestrator.store.runs.feed import START, Change, Entry, Feed, order
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import NOW_MS, a_run
from tests.wait import LIMIT_S, wait_until


@pytest.fixture
async def feed(store: Client) -> AsyncIterator[Feed]:
    """One that is read."""
    made = Feed(store)
    reading = asyncio.get_running_loop().create_task(made.run())
    await asyncio.wait_for(made.is_connected.wait(), LIMIT_S)
    yield made
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading


async def test_every_listener_hears_of_every_change(feed: Feed, store: Client) -> None:
    heard: list[Change | None] = []

    async def has_ended() -> bool:
        return Change("trn-1", Status.CANCELED, None) in heard

    with feed.listen(heard.append):
        runs = RunStore(store)
        await runs.create(a_run(), "[]")
        await runs.change("trn-1", CancelRequested("no"), now_ms=NOW_MS)
        await wait_until(has_ended, "the last change")
    assert [change for change in heard if change] == [
        Change("trn-1", Status.QUEUED, None),
        Change("trn-1", Status.CANCELED, None),
    ]
    assert feed.listener_count == 0


async def test_a_listener_may_hear_of_some_runs_alone_and_of_every_interruption(feed: Feed, store: Client) -> None:
    heard_of_all: list[Change | None] = []
    heard: list[Change | None] = []

    async def was_heard() -> bool:
        return len([one for one in heard_of_all if one]) == 2

    with feed.listen(heard_of_all.append), feed.listen(heard.append, ["trn-2", "trn-9"]):
        runs = RunStore(store)
        await runs.create(a_run(), "[]")
        await runs.create(a_run(id="trn-2"), "[]")
        await wait_until(was_heard, "the changes")
        assert [one.run_id for one in heard if one] == ["trn-2"]
        assert feed.listener_count == 2
        feed._tell(None)  # noqa: SLF001  # as when the store was away
    assert heard[-1] is None
    assert feed.listener_count == 0


async def test_after_an_interruption_all_are_told_to_look_again(
    feed: Feed, store: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Change | None] = []

    async def away(*_: object, **__: object) -> None:
        monkeypatch.undo()
        raise ConnectionError("away for a moment")

    async def was_told() -> bool:
        return None in heard

    monkeypatch.setattr(store, "xread", away)
    with feed.listen(heard.append):
        await RunStore(store).create(a_run(), "[]")  # ends the reading that has begun
        await wait_until(was_told, "the word that changes may have been missed")


async def test_the_newest_change_has_a_time(feed: Feed, store: Client) -> None:
    assert await feed.newest_ms() == 0
    await RunStore(store).create(a_run(), "[]")
    seconds, _ = await store.time()
    assert abs(await feed.newest_ms() - seconds * 1000) < 60_000


async def test_a_watcher_sees_every_entry_with_the_run_as_a_row(feed: Feed, store: Client) -> None:
    seen: list[Entry | None] = []
    feed.watch(seen.append)

    async def has_two() -> bool:
        return len(seen) == 2

    await RunStore(store).create(a_run(), "[]")
    await store.xadd(keys.FEED, {"e": '["trn-2", "queued", null]'})  # of an earlier release
    await wait_until(has_two, "both")
    first, second = seen
    assert first is not None
    assert second is not None
    assert (load_summary(first.row or "").id, second.row) == ("trn-1", None)
    assert order(first.id) < order(second.id)


async def test_what_came_after_an_entry_is_read_again_in_order(store: Client) -> None:
    made = Feed(store)
    ids = [await store.xadd(keys.FEED, {"e": "[]", "r": str(number)}) for number in range(3)]
    assert [entry.row for part in [part async for part in made.after(ids[0])] for entry in part] == ["1", "2"]
    assert [part async for part in made.after(ids[2])] == []
    assert await made.newest_id() == ids[2]


async def test_whether_all_that_came_after_an_entry_is_still_there(store: Client) -> None:
    made = Feed(store)
    assert await made.newest_id() == START
    assert await made.keeps(START)
    ids = [await store.xadd(keys.FEED, {"e": "[]"}) for _ in range(3)]
    assert await made.keeps(START)
    assert await made.keeps(ids[0])
    await store.xtrim(keys.FEED, maxlen=2, approximate=False)
    assert not await made.keeps(START)
    assert not await made.keeps(ids[0])
    assert await made.keeps(ids[1])
    assert not await made.keeps("99999999999999-0")


async def test_what_those_who_show_runs_have_missed_is_read_by_connections_of_their_own(store: Client) -> None:
    feed = Feed(connect("unix:///nowhere.sock"), store)
    assert await feed.newest_id() == "0-0"
    assert await feed.keeps("0-0")
    assert [part async for part in feed.after("0-0")] == []
