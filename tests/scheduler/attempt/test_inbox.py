from __future__ import annotations

import asyncio

from orchestrator.channel.channel import Received
from orchestrator.core.runs.run import Status
from orchestrator.scheduler.attempt.inbox import Exited, Inbox, Inboxes, TimeIsUp
from orchestrator.store.runs.feed import Change
from orchestrator_runtime import wire

NEWS = Change("trn-1", Status.STOPPING, None)
OF_A_CHILD = Change("trn-2", Status.COMPLETED, "trn-1")


def frame(entry: str) -> Received:
    return Received(entry, wire.Waiting(type="waiting", waiting=True))


async def test_items_come_in_order() -> None:
    inbox = Inbox("trn-1")
    inbox.put(OF_A_CHILD)
    inbox.put(None)
    assert [await inbox.next(None), await inbox.next(None)] == [OF_A_CHILD, None]


async def test_a_deadline_that_has_passed_comes_before_whatever_waits() -> None:
    inbox = Inbox("trn-1")
    inbox.put(NEWS)
    assert await inbox.next(0) == TimeIsUp()
    assert await inbox.next(60) == NEWS


async def test_a_deadline_comes_when_nothing_else_does() -> None:
    assert await Inbox("trn-1").next(0.001) == TimeIsUp()


async def test_an_end_and_news_of_the_run_itself_are_pressing_and_news_of_a_child_is_not() -> None:
    for item, is_pressing in ((Exited(None), True), (NEWS, True), (OF_A_CHILD, False), (None, False)):
        inbox = Inbox("trn-1")
        inbox.put(item)
        assert await inbox.pressing(0.001) is is_pressing


async def test_a_frame_waits_until_the_one_before_was_handled() -> None:
    inbox, frames = Inbox("trn-1"), asyncio.Queue[Received]()
    for entry in ("1-0", "2-0"):
        frames.put_nowait(frame(entry))
    forwarding = asyncio.get_running_loop().create_task(inbox.forward(frames), name="frames")
    first = await inbox.next(60)
    inbox.put(NEWS)
    assert (first, await inbox.next(60), frames.qsize()) == (frame("1-0"), NEWS, 1)
    inbox.handled(first)
    assert await inbox.next(60) == frame("2-0")
    forwarding.cancel()


async def test_the_last_frames_are_those_in_the_inbox_and_those_on_their_way() -> None:
    inbox, frames = Inbox("trn-1"), asyncio.Queue[Received]()
    inbox.put(frame("1-0"))
    inbox.put(NEWS)
    frames.put_nowait(frame("2-0"))
    assert [received.entry for received in inbox.last_frames(frames)] == ["1-0", "2-0"]


async def test_a_change_reaches_the_run_and_who_asked_for_it_and_nobody_else() -> None:
    inboxes = Inboxes()
    with inboxes.open("trn-1") as parent, inboxes.open("trn-2") as child, inboxes.open("trn-3") as other:
        inboxes.notice(OF_A_CHILD)
        assert (await parent.next(60), await child.next(60)) == (OF_A_CHILD, OF_A_CHILD)
        assert await other.next(0) == TimeIsUp()


async def test_all_are_told_that_changes_may_have_been_missed() -> None:
    inboxes = Inboxes()
    with inboxes.open("trn-1") as one, inboxes.open("trn-2") as another:
        inboxes.notice(None)
        assert (await one.next(60), await another.next(60)) == (None, None)


async def test_nothing_is_kept_of_an_inbox_that_was_closed() -> None:
    inboxes = Inboxes()
    with inboxes.open("trn-1"), inboxes.open("trn-1") as newer:
        pass
    inboxes.notice(NEWS)
    assert await newer.next(0.001) == TimeIsUp()
