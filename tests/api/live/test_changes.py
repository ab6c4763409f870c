"""The stream of changes, as a browser reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.runs import events as ev
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from orchestrator.store.connection import Client
from tests.api.support import deployed
from tests.api.support.sse import Event, stream


async def next_change(events: AsyncIterator[Event]) -> Event:
    """The next event that is not there to keep the line open."""
    async for event in events:
        if event.name not in (":", "retry"):
            return event
    raise AssertionError("the stream ended")


async def until(events: AsyncIterator[Event], run_id: str, status: str) -> list[Event]:
    """What is told up to the run's being so; states in between may be left out."""
    found = []
    while True:
        found.append(event := await next_change(events))
        if (event.data.get("id"), event.data.get("status")) == (run_id, status):
            return found


async def test_a_change_tells_the_run_as_it_is_then(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    async with stream(served, "/v1/changes") as events:
        run = await deployed.queued(services, maths)
        await deployed.change(services, run, ev.Claimed(deployed.now_ms() + 60_000), ev.ShimReady())
        await deployed.change(services, run, ev.ErrorReported(deployed.FINAL_BOOM))
        last = (await until(events, run.id, "f"))[-1].data
    assert (last["root"], last["workflow"], last["task"]) == (run.id, "maths", "maths/square")
    assert (last["attempts"], last["isWarm"], last["failure"]) == (1, False, ["ValueError", "boom"])
    assert last["createdAt"] <= last["startedAt"] <= last["completedAt"]
    assert "parent" not in last


async def test_a_tree_a_workflow_and_the_roots_can_be_followed_alone(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    other = await deployed.ready(services, "other", deployed.SQUARE)
    root = await deployed.running(services, maths)
    async with (
        stream(served, f"/v1/changes?root={root.id}") as tree,
        stream(served, "/v1/changes?workflow=other") as workflow,
        stream(served, "/v1/changes?workflow=maths&roots=1") as roots,
    ):
        await anext(tree), await anext(workflow), await anext(roots)
        child = await deployed.child(services, root, maths)
        elsewhere = await deployed.queued(services, other)
        await deployed.change(services, root, ev.ResultReported(), result_json="1")
        assert {event.data["id"] for event in await until(tree, root.id, "c")} == {child.id, root.id}
        assert {event.data["id"] for event in await until(workflow, elsewhere.id, "p")} == {elsewhere.id}
        assert {event.data["id"] for event in await until(roots, root.id, "c")} == {root.id}


async def test_a_child_s_id_follows_its_whole_tree(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    root = await deployed.running(services, maths)
    child = await deployed.child(services, root, maths)
    async with stream(served, f"/v1/changes?root={child.id}") as events:
        await anext(events)
        await deployed.change(services, root, ev.ResultReported(), result_json="1")
        assert (await until(events, root.id, "c"))[-1].data["root"] == root.id


@pytest.mark.parametrize("by_header", [True, False])
async def test_it_goes_on_where_it_ended(
    served: httpx.AsyncClient, services: Services, maths: Version, by_header: bool
) -> None:
    run = await deployed.queued(services, maths)
    before = await services.feed.newest_id()
    await deployed.change(services, run, ev.Claimed(deployed.now_ms() + 60_000), ev.ShimReady())
    await deployed.change(services, run, ev.ResultReported(), result_json="1")
    headers = {"Last-Event-ID": before} if by_header else {}
    served.headers.update(headers)
    path = "/v1/changes?lastEventId=1-1" if by_header else f"/v1/changes?lastEventId={before}"
    async with stream(served, path) as events:
        event = await next_change(events)
    assert (event.data["id"], event.data["status"], event.id) == (run.id, "c", await services.feed.newest_id())


async def test_what_is_too_old_to_go_on_from_is_said_and_then_it_goes_on_from_now(
    served: httpx.AsyncClient, services: Services, maths: Version, store: Client
) -> None:
    await deployed.queued(services, maths)
    old = await services.feed.newest_id()
    await deployed.completed(services, maths)
    await store.xtrim(keys.FEED, maxlen=1, approximate=False)
    async with stream(served, f"/v1/changes?lastEventId={old}") as events:
        assert await next_change(events) == Event("reset", await services.feed.newest_id(), {})
        run = await deployed.queued(services, maths)
        assert (await next_change(events)).data["id"] == run.id


@pytest.mark.parametrize(
    ("query", "status"),
    [("root=trn-9", 404), ("workflow=nothing", 404), ("lastEventId=yesterday", 400), ("roots=maybe", 400)],
)
async def test_what_cannot_be_followed_is_refused(api: httpx.AsyncClient, query: str, status: int) -> None:
    assert (await api.get(f"/v1/changes?{query}")).status_code == status
