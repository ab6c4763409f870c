"""The log of a tree: the lines of all its runs, by time."""

from __future__ import annotations

import time
from typing import Protocol

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.api.logs import tree
from orchestrator.core.logs import LogLine
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Run
from orchestrator.core.runs.submission import chained_run
from orchestrator.core.workflow import Version
from orchestrator.store import ids, keys
from tests.api.support import deployed
from tests.api.support.sse import stream

MS = 1_000_000


async def child(services: Services, parent: Run, version: Version, number: int) -> Run:
    spec = version.task("square")
    assert spec is not None
    run = chained_run(ids.new_id(ids.RUN, deployed.now_ms()), parent, number, spec, now_ms=deployed.now_ms())
    await services.runs.create(run, "[]", parent_fence=parent.fence)
    return await deployed.change(services, run, ev.Claimed(deployed.now_ms() + 60_000), ev.ShimReady())


class Say(Protocol):
    """Prints lines, each some ms after a moment at which all runs of a test have begun."""

    async def __call__(self, run: Run, *said: tuple[int, str], ends: bool = False) -> None: ...


@pytest.fixture
def say(services: Services) -> Say:
    begin_ns = time.time_ns() + 20_000 * MS

    async def print_lines(run: Run, *said: tuple[int, str], ends: bool = False) -> None:
        writer = services.logs.writer(keys.run_logs(run.id, 0))
        await writer.append([LogLine(begin_ns + at_ms * MS, "stdout", text) for at_ms, text in said])
        if ends:
            await writer.end()

    return print_lines


async def read(api: httpx.AsyncClient, run: Run, query: str = "") -> list[dict[str, str]]:
    answer = await api.get(f"/v1/task-runs/{run.id}/tree/logs{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, str]] = answer.json()
    return found


def texts(lines: list[dict[str, str]]) -> str:
    return " ".join(line["message"] for line in lines)


@pytest.fixture
async def family(services: Services, maths: Version, say: Say) -> list[Run]:
    """A root, two children, and what they printed: a to g."""
    root = await deployed.running(services, maths, "add")
    one, two = [await child(services, root, maths, number) for number in range(2)]
    await say(root, (1, "a"), (6, "f"))
    await say(one, (2, "b"), (4, "d"))
    await say(two, (3, "c"), (5, "e"))
    await say(two, (7, "g"))
    return [root, one, two]


async def test_lines_come_by_time_each_with_its_run(api: httpx.AsyncClient, family: list[Run]) -> None:
    lines = await read(api, family[0])
    assert texts(lines) == "a b c d e f g"
    assert [(line["taskRunId"], line["task"]) for line in lines[:2]] == [
        (family[0].id, "maths/add"),
        (family[1].id, "maths/square"),
    ]


async def test_below_a_child_it_is_that_childs_alone(api: httpx.AsyncClient, family: list[Run]) -> None:
    assert texts(await read(api, family[2])) == "c e g"


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_cursors_lead_through_all_lines(
    api: httpx.AsyncClient, family: list[Run], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "_AT_ONCE", 1)
    monkeypatch.setattr(tree, "_BATCHES", 2)
    found, cursor = [], ""
    while page := await read(api, family[0], f"?limit={size}{cursor}"):
        assert len(page) <= size
        found += page
        cursor = f"&cursor={page[-1]['cursor']}"
    assert texts(found) == "a b c d e f g"


async def test_lines_of_one_attempt_stay_in_their_order_whatever_their_times(
    api: httpx.AsyncClient, services: Services, maths: Version, say: Say
) -> None:
    root = await deployed.running(services, maths)
    await say(root, (5, "a"), (3, "b"), (6, "c"))
    assert texts(await read(api, root)) == "a b c"
    first = await read(api, root, "?limit=1")
    assert texts(await read(api, root, f"?cursor={first[0]['cursor']}")) == "b c"


@pytest.mark.parametrize("cursor", ["x", "1@trn-1@0:1-1.0", "0:1-1.0"])
async def test_a_bad_cursor_is_refused(api: httpx.AsyncClient, family: list[Run], cursor: str) -> None:
    answer = await api.get(f"/v1/task-runs/{family[0].id}/tree/logs", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


async def test_it_is_followed_until_all_have_ended_and_what_comes_late_is_told(
    served: httpx.AsyncClient, services: Services, maths: Version, family: list[Run], say: Say
) -> None:
    root, one, two = family
    async with stream(served, f"/v1/task-runs/{root.id}/tree/logs?follow=true") as events:
        assert (await anext(events)).name == "retry"
        heard = [(await anext(events)).data["message"] for _ in range(7)]
        await say(one, (2, "late"), ends=True)
        last = await anext(events)
        assert (*heard, last.data["message"]) == (*"abcdefg", "late")
        third = await child(services, root, maths, 2)
        await say(third, (9, "new"), ends=True)
        assert (await anext(events)).data["taskRunId"] == third.id
        await say(two, ends=True)
        await say(root, ends=True)
        for run in (one, two, third, root):
            await deployed.change(services, run, ev.ResultReported(), result_json="1")
        assert (await anext(events)).name == "end"
    assert last.id == f"{tree.Moment.parse(last.id)}"
    page = await read(served, root, f"?cursor={last.id}")
    assert texts(page) == "new"
