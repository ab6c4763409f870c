"""A timed engine is the engine, and whoever watches hears of every call."""

from __future__ import annotations

import pytest

from orchestrator.engine.base import EngineError
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.engine.timed import timed


async def test_each_call_is_heard_of_with_how_it_ended(fake_engine: FakeEngine) -> None:
    heard: list[tuple[str, bool]] = []

    def observe(call: str, seconds: float, *, is_ok: bool) -> None:
        assert seconds >= 0
        heard.append((call, is_ok))

    engine = timed(fake_engine, observe)
    assert await engine.list() == []
    with pytest.raises(EngineError):
        await engine.start("nothing")
    assert heard == [("list", True), ("start", False)]


async def test_all_else_is_the_engines_own(fake_engine: FakeEngine) -> None:
    engine = timed(fake_engine, lambda call, seconds, *, is_ok: None)
    assert engine.network == fake_engine.network
    assert engine.measure("nothing") == fake_engine.measure("nothing")
