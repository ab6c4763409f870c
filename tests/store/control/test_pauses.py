"""Who is paused, since when and why."""

from __future__ import annotations

from orchestrator.store.connection import Client
from orchestrator.store.control.pauses import Pause, Pauses


async def test_what_is_paused_says_since_when_and_why_until_it_is_resumed(store: Client) -> None:
    pauses = Pauses(store)
    assert await pauses.of("wfl-1") is None
    await pauses.pause("wfl-1", "moving the data", now_ms=5)
    await pauses.pause("tsk-1", "", now_ms=6)
    assert await Pauses(store).all() == {"wfl-1": Pause(5, "moving the data"), "tsk-1": Pause(6)}
    assert await pauses.resume("wfl-1")
    assert not await pauses.resume("wfl-1")
    assert await pauses.of("wfl-1") is None


async def test_what_is_paused_again_stays_so_since_then_for_the_new_reason(store: Client) -> None:
    pauses = Pauses(store)
    await pauses.pause("wfl-1", "one", now_ms=5)
    assert await pauses.pause("wfl-1", "two", now_ms=9) == Pause(5, "two")
