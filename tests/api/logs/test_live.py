"""Lines that are begun: told to whoever asks for them, and only while the attempt goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.api.logs import sources
from orchestrator.core.logs import Unfinished
from orchestrator.core.runs import events as ev
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from tests.api.conftest import KEY
from tests.api.support import deployed, sse
from tests.api.support.printed import printed
from tests.api.support.serving import NO_TLS, serving
from tests.wait import LIMIT_S, wait_until


class Screen:
    """Containers whose lines are what a test says."""

    def __init__(self) -> None:
        self.lines: Unfinished = {}
        self.watched: list[str] = []
        self._tell: list[Callable[[], None]] = []

    def show(self, **lines: str) -> None:
        self.lines = lines  # type: ignore[assignment]
        for tell in self._tell:
            tell()

    @contextmanager
    def watch(self, channel_id: str, on_change: Callable[[], None]) -> Iterator[Callable[[], Unfinished]]:
        self.watched.append(channel_id)
        self._tell.append(on_change)
        yield lambda: self.lines
        self._tell.remove(on_change)
        self.watched.remove(channel_id)


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
async def served(services: Services, screen: Screen) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serving(create_app(replace(services, live=screen))) as url,
        httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=LIMIT_S, verify=NO_TLS
        ) as client,
    ):
        yield client


def told(event: sse.Event) -> tuple[str, str, str]:
    return event.name, event.data["stream"], event.data["message"]


async def test_a_begun_line_is_told_as_it_changes_and_again_after_lines(
    served: httpx.AsyncClient, services: Services, maths: Version, screen: Screen
) -> None:
    run = await deployed.running(services, maths)
    screen.show(stdout="1 %")
    async with sse.stream(served, f"/v1/task-runs/{run.id}/logs?follow=true&live=true") as events:
        await anext(events)
        assert await anext(events) == sse.Event("live", "", {"attempt": 0, "stream": "stdout", "message": "1 %"})
        assert screen.watched == [run.attempts[-1].channel_id]
        screen.show(stdout="2 %", stderr="!")
        assert [told(await anext(events)) for _ in range(2)] == [("live", "stdout", "2 %"), ("live", "stderr", "!")]
        await printed(services, keys.run_logs(run.id, 0), "a line", end=False)
        assert [told(await anext(events)) for _ in range(3)] == [
            ("log", "stdout", "a line"),
            ("live", "stdout", "2 %"),
            ("live", "stderr", "!"),
        ]
        screen.show(stderr="!")
        assert told(await anext(events)) == ("live", "stdout", "")


async def test_an_attempt_is_watched_at_once_and_no_more_when_it_is_over(
    served: httpx.AsyncClient, services: Services, maths: Version, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LOOK_S", LIMIT_S * 2)  # nothing is waited for before
    run = await deployed.running(services, maths)
    async with sse.stream(served, f"/v1/task-runs/{run.id}/logs?follow=true&live=true") as events:
        await anext(events)
        await wait_until(lambda: _is(bool(screen.watched)), "the container to be watched")
        await printed(services, keys.run_logs(run.id, 0), "100 %")
        await deployed.change(services, run, ev.ResultReported(), result_json="1")
        assert [event.name async for event in events if event.name not in (":", "live")] == ["log", "end"]
    assert screen.watched == []


@pytest.mark.parametrize("query", ["follow=true", "live=true"])
async def test_who_does_not_ask_for_it_is_not_told(
    served: httpx.AsyncClient, services: Services, maths: Version, screen: Screen, query: str
) -> None:
    run = await deployed.running(services, maths)
    screen.show(stdout="1 %")
    await printed(services, keys.run_logs(run.id, 0), "100 %")
    await deployed.change(services, run, ev.ResultReported(), result_json="1")
    answer = await served.get(f"/v1/task-runs/{run.id}/logs?{query}")
    assert "live" not in answer.text
    assert "100 %" in answer.text


async def _is(value: bool) -> bool:
    return value
