"""However many follow a log, it is read once."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.api.logs import routes
from orchestrator.core.logs import LogLine
from orchestrator.core.runs import events as ev
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.logs import Cursor
from tests.api.support import deployed, sse
from tests.wait import LIMIT_S, wait_until

FOLLOWERS = 20


async def test_what_all_have_read_before_is_read_shown_and_sent_once(
    served: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await deployed.running(services, maths)
    shown: list[Any] = []
    reads, read = 0, services.logs.read

    async def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal reads
        page = await read(*args, **kwargs)
        reads += 1
        return page

    monkeypatch.setattr(services.logs, "read", counted)
    monkeypatch.setattr(routes, "encode", lambda shape: shown.append(shape) or "{}")  # type: ignore[func-returns-value]
    writer = services.logs.writer(keys.run_logs(run.id, 0))
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(_all(served, run.id)) for _ in range(FOLLOWERS)]

        async def have_read_nothing() -> bool:
            return reads == FOLLOWERS

        await wait_until(have_read_nothing, "all to read what there is")
        before = reads
        await writer.append([LogLine(at, "stdout", f"{at}") for at in range(3)])
        await writer.end()
        await deployed.change(services, run, ev.ResultReported(), result_json="1")
    assert [one.result() for one in following] == [["retry", "log", "log", "log", "end"]] * FOLLOWERS
    assert (reads - before, len(shown)) == (0, 3)


async def _all(served: httpx.AsyncClient, run_id: str) -> list[str]:
    async with sse.stream(served, f"/v1/task-runs/{run_id}/logs?follow=true") as events:
        return [event.name async for event in events]


async def test_who_joins_later_reads_what_was_before_and_shares_the_rest(services: Services) -> None:
    key = "orc:run:trn-1:logs:0"
    writer = services.logs.writer(keys.Key(key))
    await writer.append([LogLine(1, "stdout", "before")])
    with services.tail.follow() as one, services.tail.follow() as other:
        first = await one.read(key, Cursor(), 10)
        at = first.lines[-1][0]
        await writer.append([LogLine(2, "stdout", "after")])
        await one.wait(LIMIT_S)
        second = await one.read(key, at, 10)
        assert [line.message for _, line in second.lines] == ["after"]
        both = await other.read(key, Cursor(), 10)
        assert [line.message for _, line in both.lines] == ["before", "after"]
        await writer.append([LogLine(3, "stdout", "last")])
        await other.wait(LIMIT_S)
        assert await other.read(key, both.lines[-1][0], 10) is await one.read(key, both.lines[-1][0], 10)


async def test_it_holds_no_connection_for_one_who_follows(services: Services, store: Client) -> None:
    with ExitStack() as stack:
        followers = [stack.enter_context(services.tail.follow(f"trn-{number}")) for number in range(FOLLOWERS)]
        async with asyncio.TaskGroup() as group:
            for number, follower in enumerate(followers):
                group.create_task(follower.read(f"orc:run:trn-{number}:logs:0", Cursor(), 10))
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(follower.wait(0.3)) for follower in followers]
            await asyncio.sleep(0.1)
            assert not any(one.done() for one in waiting)
            blocked = [one for one in await store.client_list() if one["cmd"] == "xread"]
    assert len(blocked) <= 2  # the feed's and the tail's
    assert services.feed.listener_count == 0


async def test_who_leaves_before_it_was_looked_at_does_no_harm(services: Services) -> None:
    key = "orc:run:trn-1:logs:0"
    with services.tail.follow() as one:
        await one.read(key, Cursor(), 10)
        one.leave()  # in the same turn of the event loop in which it was wanted
    with services.tail.follow() as other:
        assert (await other.read(key, Cursor(), 10)).lines == []
        await services.logs.writer(keys.Key(key)).append([LogLine(1, "stdout", "after")])
        await other.wait(LIMIT_S)
        assert [line.message for _, line in (await other.read(key, Cursor(), 10)).lines] == ["after"]
