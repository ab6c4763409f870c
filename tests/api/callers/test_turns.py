"""Who begins when, however many come at once."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.api.callers import turns
from orchestrator.api.callers.turns import AT_ONCE, Turns
from tests.api.support.sse import stream
from tests.wait import LIMIT_S, wait_until


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "INTERVAL_S", 3600.0)


class Crowd:
    """Who waits for a turn, and in which order they began."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.begun: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, kind: str, count: int) -> None:
        self.tasks += [asyncio.create_task(self._begin(kind)) for _ in range(count)]
        await asyncio.sleep(0)

    async def _begin(self, kind: str) -> None:
        await self.turns.wait(kind)
        self.begun.append(kind)

    async def pass_time(self) -> None:
        self.turns.let_some_begin()
        await asyncio.sleep(0)


@pytest.fixture
async def crowd() -> Crowd:
    return Crowd()


async def test_few_at_a_time_begin_and_none_is_forgotten(crowd: Crowd) -> None:
    await crowd.come("changes", 2 * AT_ONCE + 1)
    counts = [len(crowd.begun)]
    for _ in range(3):
        await crowd.pass_time()
        counts.append(len(crowd.begun))
    assert counts == [AT_ONCE, 2 * AT_ONCE, 2 * AT_ONCE + 1, 2 * AT_ONCE + 1]


async def test_a_thousand_of_one_kind_keep_no_other_waiting(crowd: Crowd) -> None:
    await crowd.come("changes", 1_000)
    await crowd.come("events", 2)
    await crowd.pass_time()
    assert crowd.begun[AT_ONCE:].count("events") == 2
    for task in crowd.tasks:
        task.cancel()
    await asyncio.wait(crowd.tasks)


async def test_who_has_left_takes_nobodys_turn(crowd: Crowd) -> None:
    await crowd.come("changes", 3 * AT_ONCE)
    for task in crowd.tasks[AT_ONCE : 2 * AT_ONCE]:
        task.cancel()
    await asyncio.sleep(0)
    await crowd.pass_time()
    assert len(crowd.begun) == 2 * AT_ONCE


async def test_who_comes_alone_after_a_while_waits_for_nothing(crowd: Crowd) -> None:
    await crowd.come("changes", 1)
    for _ in range(2):
        await crowd.pass_time()
    await crowd.come("changes", 1)
    assert len(crowd.begun) == 2


async def test_streams_take_turns_and_other_requests_do_not(app: FastAPI, served: httpx.AsyncClient) -> None:
    begun: list[int] = []

    async def follow() -> None:
        async with stream(served, "/v1/changes") as events:
            begun.append(1)
            async for _ in events:
                pass

    following = [asyncio.create_task(follow()) for _ in range(AT_ONCE + 3)]

    async def are_begun() -> bool:
        return len(begun) == AT_ONCE

    await wait_until(are_begun, "as many as may begin at once")
    assert (await asyncio.wait_for(served.get("/v1/task-runs"), LIMIT_S)).status_code == 200
    assert len(begun) == AT_ONCE
    for task in following:
        task.cancel()
    await asyncio.wait(following)


@pytest.mark.parametrize("value", ["true", "1", "yes"])
async def test_logs_take_turns_however_it_is_said_that_they_are_followed(served: httpx.AsyncClient, value: str) -> None:
    path = f"/v1/task-runs/trn-{'0' * 20}/logs?follow={value}"
    asked = [asyncio.create_task(served.get(path)) for _ in range(AT_ONCE + 3)]

    async def are_answered() -> bool:
        return sum(one.done() for one in asked) == AT_ONCE

    await wait_until(are_answered, "as many as may begin at once")
    assert (await asyncio.wait_for(served.get("/v1/task-runs"), LIMIT_S)).status_code == 200
    assert await are_answered()
    for one in asked:
        one.cancel()
    await asyncio.wait(asked)
