"""Where logs end: with the attempt, the run or the build that prints them, or when too little comes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.api.logs import routes, sources
from orchestrator.core.runs import events as ev
from orchestrator.core.workflow import Version, VersionStatus
from orchestrator.store import keys
from tests.api.support import deployed, sse
from tests.api.support.printed import ALL, lines, printed, two_attempts


async def test_the_last_lines_of_a_run_that_has_just_ended_are_waited_for(
    served: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await deployed.completed(services, maths)
    looked = services.logs.is_complete
    asked = 0

    async def is_complete(key: str) -> bool:
        nonlocal asked
        asked += 1
        if asked == 3:
            await printed(services, key, "last words")
        return await looked(key)

    monkeypatch.setattr(services.logs, "is_complete", is_complete)
    assert await lines(served, run) == [(0, "last words")]


async def test_a_log_that_is_never_marked_complete_is_answered_all_the_same(
    api: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "GRACE_MS", 100)
    run = await deployed.completed(services, maths)
    await printed(services, keys.run_logs(run.id, 0), "a", end=False)
    assert await lines(api, run) == [(0, "a")]


async def test_following_a_run_that_has_ended_gives_all_lines_and_an_end(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await two_attempts(services, maths)
    events = await sse.read_all(api, f"/v1/task-runs/{run.id}/logs?follow=true")
    assert [event.name for event in events] == ["log"] * 4 + ["end"]
    assert [(event.data["attempt"], event.data["message"]) for event in events[:-1]] == ALL
    assert [event.id for event in events[:-1]] == [event.data["cursor"] for event in events[:-1]]


async def test_following_goes_on_after_a_cursor(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await two_attempts(services, maths)
    path = f"/v1/task-runs/{run.id}/logs?follow=true"
    events = await sse.read_all(api, path)
    again = await sse.read_all(api, f"{path}&cursor={events[2].id}")
    assert again == events[3:]


async def test_lines_are_followed_live_into_the_next_attempt(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.queued(services, maths)
    async with sse.stream(served, f"/v1/task-runs/{run.id}/logs?follow=true") as events:
        assert (await anext(events)).name == "retry"
        await deployed.change(services, run, ev.Claimed(deployed.now_ms() + 1000))
        await printed(services, keys.run_logs(run.id, 0), "importing")
        assert (await anext(events)).data["message"] == "importing"
        await deployed.change(services, run, ev.ShimReady(), ev.ErrorReported(deployed.BOOM), ev.BackoffElapsed())
        await deployed.change(services, run, ev.Claimed(deployed.now_ms() + 1000), ev.ShimReady())
        await printed(services, keys.run_logs(run.id, 1), "again")
        assert (await anext(events)).data["attempt"] == 1
        await deployed.change(services, run, ev.ResultReported(), result_json="1")
        assert (await anext(events)).name == "end"


async def test_following_one_attempt_ends_with_it(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.running(services, maths)
    await printed(services, keys.run_logs(run.id, 0), "a")
    await deployed.change(services, run, ev.ErrorReported(deployed.BOOM))
    events = await sse.read_all(served, f"/v1/task-runs/{run.id}/logs?follow=true&attempt=0")
    assert [event.name for event in events] == ["log", "end"]


async def test_following_ends_even_if_the_log_is_never_marked_complete(
    served: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FOLLOW_GRACE_MS", 100)
    run = await deployed.completed(services, maths)
    events = await sse.read_all(served, f"/v1/task-runs/{run.id}/logs?follow=true")
    assert [event.name for event in events] == ["end"]


async def test_a_silent_log_is_kept_alive(
    served: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "PING_S", 0.05)
    monkeypatch.setattr(sources, "LOOK_S", 0.05)
    run = await deployed.running(services, maths)
    async with sse.stream(served, f"/v1/task-runs/{run.id}/logs?follow=true") as events:
        assert [(await anext(events)).name for _ in range(2)] == ["retry", ":"]


async def test_a_build_is_followed_to_its_end(
    served: httpx.AsyncClient, api: httpx.AsyncClient, services: Services
) -> None:
    version = await deployed.building(services, "maths")
    key, path = keys.version_logs(version.id), f"/v1/workflowversions/{version.id}/logs"
    async with sse.stream(served, f"{path}?follow=true") as events:
        await printed(services, key, "installing", end=False)
        assert (await anext(events)).name == "retry"
        assert (await anext(events)).data["message"] == "installing"
        await services.workflows.save(replace(version, status=VersionStatus.BUILD_FAILED, error="no"))
        await printed(services, key, "no")
        assert [(event.name, event.data.get("message")) async for event in events] == [("log", "no"), ("end", None)]
    assert [line["message"] for line in (await api.get(path)).json()] == ["installing", "no"]


async def test_a_log_that_is_removed_while_it_is_followed_ends(served: httpx.AsyncClient, services: Services) -> None:
    version = await deployed.building(services, "maths")
    async with sse.stream(served, f"/v1/workflowversions/{version.id}/logs?follow=true") as events:
        assert (await anext(events)).name == "retry"
        await services.workflows.delete(await services.workflows.get("maths"))
        assert [event.name async for event in events] == ["end"]


async def test_where_a_builds_log_ends_its_version_is_looked_at_at_once(
    served: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = await deployed.building(services, "maths")
    monkeypatch.setattr(sources, "_LOOK_UNHEARD_S", 3600.0)
    async with sse.stream(served, f"/v1/workflowversions/{version.id}/logs?follow=true") as events:
        assert (await anext(events)).name == "retry"
        await printed(services, keys.version_logs(version.id), "building", end=False)
        assert (await anext(events)).data["message"] == "building"
        await services.workflows.save(replace(version, status=VersionStatus.BUILD_FAILED, error="no"))
        await services.logs.writer(keys.version_logs(version.id)).end()
        async with asyncio.timeout(30):
            assert (await anext(events)).name == "end"
