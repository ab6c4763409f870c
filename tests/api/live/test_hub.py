from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise

import pytest

from orchestrator.api.live.hub import Follower, Hub, Wanted, newest_of_each
from orchestrator.core.runs.summary import Summary
from orchestrator.store.documents import dump_summary
from orchestrator.store.runs.feed import Entry
from tests.wait import LIMIT_S


class FakeFeed:
    """Tells its one watcher what the test says."""

    def watch(self, watcher: Callable[[Entry | None], None]) -> None:
        self.tell = watcher


def entry(
    number: int, run_id: str, root_id: str = "trn-1", workflow_id: str = "wfl-1", status: str = "running"
) -> Entry:
    parent_id = None if run_id == root_id else root_id
    row = Summary(run_id, root_id, workflow_id, "charge", status, 1, parent_id)
    return Entry(f"1-{number}", dump_summary(row).decode())


@pytest.fixture
def feed() -> FakeFeed:
    return FakeFeed()


@pytest.fixture
def hub(feed: FakeFeed) -> Hub:
    async def find_slug(workflow_id: str) -> str | None:
        return "shop"

    return Hub(feed, find_slug, lambda: 1_000)  # type: ignore[arg-type]


def caught_up(follower: Follower) -> Follower:
    follower.is_behind, follower.at = False, "1-0"
    return follower


def told(follower: Follower) -> list[tuple[str, str]]:
    return [(change.entry_id, change.row.id) for change in follower.take()]


async def test_a_follower_is_told_of_what_it_wants_alone(feed: FakeFeed, hub: Hub) -> None:
    with (
        hub.follow(Wanted()) as everything,
        hub.follow(Wanted(root_id="trn-1")) as tree,
        hub.follow(Wanted(workflow_id="wfl-2")) as workflow,
        hub.follow(Wanted(roots_only=True)) as roots,
    ):
        followers = [caught_up(one) for one in (everything, tree, workflow, roots)]
        feed.tell(entry(1, "trn-1"))
        feed.tell(entry(2, "trn-2"))
        feed.tell(entry(3, "trn-3", root_id="trn-3", workflow_id="wfl-2"))
        assert [told(one) for one in followers] == [
            [("1-1", "trn-1"), ("1-2", "trn-2"), ("1-3", "trn-3")],
            [("1-1", "trn-1"), ("1-2", "trn-2")],
            [("1-3", "trn-3")],
            [("1-1", "trn-1"), ("1-3", "trn-3")],
        ]


async def test_of_a_run_that_changed_often_the_newest_state_is_told(feed: FakeFeed, hub: Hub) -> None:
    with hub.follow(Wanted()) as follower:
        caught_up(follower)
        feed.tell(entry(1, "trn-1"))
        feed.tell(entry(2, "trn-2"))
        feed.tell(entry(3, "trn-1", status="completed"))
        assert told(follower) == [("1-2", "trn-2"), ("1-3", "trn-1")]
        assert told(follower) == []


async def test_what_was_read_again_is_not_told_twice(feed: FakeFeed, hub: Hub) -> None:
    with hub.follow(Wanted()) as follower:
        feed.tell(entry(1, "trn-1"))
        feed.tell(entry(2, "trn-2"))
        follower.at = "1-1"
        assert told(follower) == [("1-2", "trn-2")]


async def test_one_who_does_not_take_what_there_is_is_to_read_again_and_holds_nothing(feed: FakeFeed, hub: Hub) -> None:
    with hub.follow(Wanted(), limit=2) as slow, hub.follow(Wanted()) as other:
        caught_up(slow)
        caught_up(other)
        for number in range(1, 4):
            feed.tell(entry(number, f"trn-{number}"))
        assert slow.is_behind
        assert told(slow) == []
        assert len(told(other)) == 3


@pytest.mark.parametrize("missed", [None, Entry("1-1", None)])
async def test_after_an_interruption_or_a_change_by_an_earlier_release_all_read_again(
    feed: FakeFeed, hub: Hub, missed: Entry | None
) -> None:
    with hub.follow(Wanted(root_id="trn-9")) as follower:
        caught_up(follower)
        feed.tell(missed)
        assert follower.is_behind


async def test_an_event_is_written_once_for_all_who_are_told(feed: FakeFeed, hub: Hub) -> None:
    with hub.follow(Wanted()) as one, hub.follow(Wanted(root_id="trn-1")) as two:
        caught_up(one)
        caught_up(two)
        feed.tell(entry(1, "trn-1"))
        first, second = one.take(), two.take()
        text = await hub.events(first)
        assert text.startswith("id: 1-1\nevent: change\ndata: {")
        assert second[0].text == text


async def test_a_quiet_follower_s_position_moves_on_with_the_feed(feed: FakeFeed, hub: Hub) -> None:
    with hub.follow(Wanted(root_id="trn-9")) as follower:
        caught_up(follower)
        assert hub.heartbeat(follower) == "id: 1-0\n: ping\n\n"
        feed.tell(entry(7, "trn-1"))
        assert hub.heartbeat(follower) == "id: 1-7\n: ping\n\n"


async def test_whoever_has_left_is_told_nothing(feed: FakeFeed, hub: Hub) -> None:
    with hub.follow(Wanted()) as follower:
        caught_up(follower)
    feed.tell(entry(1, "trn-1"))
    assert told(follower) == []


async def test_of_entries_read_again_the_newest_of_each_run_is_told() -> None:
    entries = [entry(1, "trn-1"), entry(2, "trn-2"), entry(3, "trn-1", status="completed"), entry(4, "trn-9", "trn-9")]
    found = newest_of_each(entries, Wanted(root_id="trn-1"))
    assert [(change.entry_id, change.row.status) for change in found] == [("1-2", "running"), ("1-3", "completed")]


async def test_a_crowd_is_woken_a_few_at_a_time_so_that_others_get_their_turn(
    feed: FakeFeed, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[Follower] = []
    monkeypatch.setattr(Follower, "wake", lambda follower: woken.append(follower))
    with ExitStack() as stack:
        for _ in range(120):
            caught_up(stack.enter_context(hub.follow(Wanted())))
        feed.tell(entry(1, "trn-1"))
        feed.tell(entry(2, "trn-2"))
        seen = {len(woken)}
        async with asyncio.timeout(LIMIT_S):
            while len(woken) < 120:
                await asyncio.sleep(0)
                seen.add(len(woken))
    assert len(set(woken)) == len(woken)
    assert max(late - early for early, late in pairwise(sorted(seen))) <= 25


async def test_one_that_was_not_woken_yet_has_something_to_take(feed: FakeFeed, hub: Hub) -> None:
    with hub.follow(Wanted()) as follower:
        caught_up(follower)
        feed.tell(entry(1, "trn-1"))
        assert await follower.wait(0)
        assert told(follower) == [("1-1", "trn-1")]
