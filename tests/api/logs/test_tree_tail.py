"""However many follow the log of a tree, it is looked at and read once."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from orchestrator.api import responses
from orchestrator.api.deps import Services
from orchestrator.api.logs import routes, tree_tail
from orchestrator.api.logs.tree import START
from orchestrator.api.logs.tree_tail import TreeTail
from orchestrator.core.logs import LogLine
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Run
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from tests.api.logs.test_tree import child
from tests.api.support import deployed, sse
from tests.wait import LIMIT_S, wait_until

FOLLOWERS = 20


async def say(services: Services, run: Run, *texts: str, ends: bool = False) -> None:
    writer = services.logs.writer(keys.run_logs(run.id, 0))
    now_ns = deployed.now_ms() * 1_000_000
    await writer.append([LogLine(now_ns + at, "stdout", text) for at, text in enumerate(texts)])
    if ends:
        await writer.end()


@pytest.fixture
async def root(services: Services, maths: Version) -> Run:
    """A run that has printed one line."""
    run = await deployed.running(services, maths, "add")
    await say(services, run, "before")
    return run


@pytest.fixture
def asked(services: Services, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the store is asked for a tree's members and for lines."""
    count: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        async def ask(*args: Any, **kwargs: Any) -> Any:
            count[name] += 1
            return await real(*args, **kwargs)

        monkeypatch.setattr(owner, name, ask)

    counted(services.trees, "members")
    counted(services.logs, "read_many")
    counted(services.logs, "read")
    return count


async def _heard(served: httpx.AsyncClient, run: Run, heard: list[str]) -> None:
    async with sse.stream(served, f"/v1/task-runs/{run.id}/tree/logs?follow=true") as events:
        async for event in events:
            heard.append(event.data["message"] if event.name == "log" else event.name)


async def test_what_all_follow_is_looked_at_read_and_shown_once(
    served: httpx.AsyncClient,
    services: Services,
    maths: Version,
    root: Run,
    asked: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[Any] = []
    encode = responses.encode
    monkeypatch.setattr(routes, "encode", lambda shape: shown.append(shape) or encode(shape))  # type: ignore[func-returns-value]
    heard: list[list[str]] = [[] for _ in range(FOLLOWERS)]

    async def all_heard(text: str) -> None:
        async def is_heard() -> bool:
            return all(text in one for one in heard)

        await wait_until(is_heard, f"all to hear {text}")

    async with asyncio.TaskGroup() as group:
        for one in heard:
            group.create_task(_heard(served, root, one))
        await all_heard("before")
        for number in itertools.count():  # until all have read what there was before
            shown.clear()
            await say(services, root, f"warm {number}")
            await all_heard(f"warm {number}")
            if len(shown) == 1:
                break
        asked.clear()
        shown.clear()
        await say(services, root, "live")
        await all_heard("live")
        late = await child(services, root, maths, 0)
        await say(services, late, "of a child", ends=True)
        await all_heard("of a child")
        assert len(shown) == 2
        assert asked["members"] <= FOLLOWERS // 2
        assert asked["read_many"] + asked["read"] <= FOLLOWERS // 2
        await say(services, root, ends=True)
        for run in (late, root):
            await deployed.change(services, run, ev.ResultReported(), result_json="1")
    told = [[text for text in one if not text.startswith("warm")] for one in heard]
    assert told == [["retry", "before", "live", "of a child", "end"]] * FOLLOWERS


async def test_a_tree_in_which_nothing_happens_is_not_looked_at(
    services: Services, root: Run, asked: Counter[str]
) -> None:
    async with aclosing(TreeTail(services).follow(root, START)) as lines:
        assert _texts(await anext(lines)) == ["before"]
        waiting = asyncio.ensure_future(_next_texts(lines))
        await asyncio.wait([waiting], timeout=1.5)
        looked = asked["members"]
        await asyncio.wait([waiting], timeout=1.5)
        assert asked["members"] == looked
        await say(services, root, "after")
        assert await waiting == ["after"]


async def _next_texts(lines: AsyncIterator[tree_tail.Lines]) -> list[str]:
    while not (texts := _texts(await anext(lines))):
        pass
    return texts


async def test_who_falls_behind_reads_the_rest_itself_and_nothing_twice(
    services: Services, root: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_tail, "_KEPT", 1)
    trees = TreeTail(services)
    slow: list[str] = []
    quick: list[str] = []
    async with aclosing(trees.follow(root, START)) as one, aclosing(trees.follow(root, START)) as other:
        slow += _texts(await anext(one))
        while "9" not in quick:
            quick += _texts(await asyncio.wait_for(anext(other), LIMIT_S))
            await say(services, root, f"{len(quick)}")
        while "9" not in slow:
            slow += _texts(await asyncio.wait_for(anext(one), LIMIT_S))
    assert slow[: len(quick)] == quick
    assert len(slow) == len(set(slow))


def _texts(lines: tree_tail.Lines) -> list[str]:
    return [line.line.message for line in lines.found]


async def test_who_leaves_while_it_reads_for_all_takes_nothing_from_them(services: Services, root: Run) -> None:
    trees = TreeTail(services)
    async with aclosing(trees.follow(root, START)) as one, aclosing(trees.follow(root, START)) as other:
        assert [_texts(await anext(each)) for each in (one, other)] == [["before"], ["before"]]
        reading = asyncio.ensure_future(_next_texts(one))
        await asyncio.sleep(0)
        waiting = asyncio.ensure_future(_next_texts(other))
        await asyncio.wait([waiting], timeout=0.3)
        reading.cancel()
        await say(services, root, "after")
        assert await waiting == ["after"]


async def test_the_last_to_leave_ends_the_reading(services: Services, root: Run) -> None:
    async with aclosing(TreeTail(services).follow(root, START)) as lines:
        assert _texts(await anext(lines)) == ["before"]
        waiting = asyncio.ensure_future(_next_texts(lines))
        await asyncio.wait([waiting], timeout=0.3)
        assert services.feed.listener_count == 1
        waiting.cancel()
        await asyncio.wait([waiting])
    assert services.feed.listener_count == 0
