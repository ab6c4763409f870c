"""Who waits for something to come back lets what is more pressing pass."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.scheduler.attempt.inbox import Exited, Inbox, Item, TimeIsUp
from orchestrator.scheduler.attempt.outages import Outages, Overtaken
from orchestrator.store.connection import UNAVAILABLE
from tests.wait import LIMIT_S


class Away:
    """What is away for the first `times` tries."""

    def __init__(self, times: float) -> None:
        self.times = times
        self.tries = 0
        self.was_tried = asyncio.Event()

    async def __call__(self) -> None:
        self.tries += 1
        self.was_tried.set()
        if self.tries <= self.times:
            raise UNAVAILABLE[0]("away")


FOR_EVER = float("inf")


async def test_what_comes_back_is_waited_for() -> None:
    action = Away(2)
    await Outages(Inbox("r"), lambda item: False).handle(None, action)
    assert action.tries == 3


async def test_the_end_of_the_container_overtakes_it() -> None:
    inbox, action = Inbox("r"), Away(FOR_EVER)
    handling = asyncio.ensure_future(Outages(inbox, lambda item: False).handle(None, action))
    await action.was_tried.wait()
    inbox.put(Exited(None))
    with pytest.raises(Overtaken):
        await asyncio.wait_for(handling, LIMIT_S)


async def test_a_deadline_overtakes_all_but_its_own_handling() -> None:
    def is_late(item: Item) -> bool:
        return not isinstance(item, TimeIsUp)

    with pytest.raises(Overtaken):
        await Outages(Inbox("r"), is_late).handle(None, Away(FOR_EVER))
    await Outages(Inbox("r"), is_late).handle(TimeIsUp(), Away(1))


async def test_what_is_done_outside_the_turn_of_an_item_is_never_overtaken() -> None:
    inbox, action = Inbox("r"), Away(1)
    inbox.put(Exited(None))
    await Outages(inbox, lambda item: True).outlast(action)
    assert action.tries == 2


async def test_every_other_error_is_raised() -> None:
    async def broken() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await Outages(Inbox("r"), lambda item: False).handle(None, broken)
