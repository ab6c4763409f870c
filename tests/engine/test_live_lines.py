"""What is watched, by how many, and for how long."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from orchestrator.core.logs import Unfinished
from orchestrator.engine import live_lines
from orchestrator.engine.base import EngineUnavailable
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.engine.live_lines import LiveLines
from tests.wait import wait_until


class Attached(FakeEngine):
    """An engine that says what it is told to; a state that is None is an error."""

    def __init__(self) -> None:
        super().__init__("test", {})
        self.states: asyncio.Queue[Unfinished | None] = asyncio.Queue()
        self.begun = 0
        self.open = 0

    async def unfinished(self, channel_id: str) -> AsyncGenerator[Unfinished, None]:
        self.begun += 1
        self.open += 1
        try:
            while (state := await self.states.get()) is not None:
                yield state
            raise EngineUnavailable("it is away")
        finally:
            self.open -= 1


@pytest.fixture
def engine() -> Attached:
    return Attached()


@pytest.fixture
async def live(engine: Attached) -> AsyncIterator[LiveLines]:
    lines = LiveLines(engine)
    running = asyncio.ensure_future(lines.run())
    await asyncio.sleep(0)
    yield lines
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_all_who_watch_a_container_share_one_attachment(live: LiveLines, engine: Attached) -> None:
    news = asyncio.Event()
    with live.watch("c1", news.set) as first, live.watch("c1", lambda: None) as second:
        engine.states.put_nowait({"stdout": "1 %"})
        await news.wait()
        assert first() == second() == {"stdout": "1 %"}
        assert engine.begun == 1


async def test_it_is_closed_when_the_last_has_left(live: LiveLines, engine: Attached) -> None:
    news = asyncio.Event()
    with live.watch("c1", news.set):
        engine.states.put_nowait({"stdout": "1 %"})
        await news.wait()
        with live.watch("c1", lambda: None):
            pass
        assert engine.open == 1
    await wait_until(lambda: _is(engine.open == 0), "the attachment to be closed")


async def test_what_is_lost_is_shown_no_more_and_looked_at_again(
    live: LiveLines, engine: Attached, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_lines, "_AGAIN_S", 0)
    with live.watch("c1", lambda: None) as lines:
        engine.states.put_nowait({"stdout": "1 %"})
        await wait_until(lambda: _is(lines() == {"stdout": "1 %"}), "the line")
        engine.states.put_nowait(None)
        await wait_until(lambda: _is(lines() == {} and engine.begun == 2), "another attachment")


async def test_of_too_many_containers_nothing_is_seen(
    live: LiveLines, engine: Attached, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_lines, "WATCHED_LIMIT", 1)
    with live.watch("c1", lambda: None), live.watch("c2", lambda: None) as lines:
        await wait_until(lambda: _is(engine.begun == 1), "the attachment")
        assert lines() == {}


async def _is(value: bool) -> bool:
    return value
