"""GET /v1/task-runs/events."""

from __future__ import annotations

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.api.routes import events as api_events
from orchestrator.core.runs import events as ev
from orchestrator.core.workflow import Version
from orchestrator.store.connection import Client
from tests.api.support import deployed, sse
from tests.wait import wait_until

PATH = "/v1/task-runs/events"


async def test_a_run_that_has_ended_comes_at_once_and_the_stream_closes(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.completed(services, maths, '"é"')
    (event,) = await sse.read_all(api, f"{PATH}?taskRunIds={run.id}")
    assert (event.name, event.id) == ("task.completed", "1")
    assert event.data == (await api.get(f"/v1/task-runs/{run.id}")).json()


@pytest.mark.parametrize("agent", ["render-sdk-typescript/1.0.0 (node/22.1.0; linux/x64)", "Mozilla/5.0 (X11)"])
async def test_a_client_that_would_connect_again_and_hear_the_end_twice_is_kept(
    served: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch, agent: str
) -> None:
    monkeypatch.setattr(api_events, "PING_S", 0.05)
    run = await deployed.completed(services, maths)
    served.headers["User-Agent"] = agent
    async with sse.stream(served, f"{PATH}?taskRunIds={run.id}") as events:
        assert [(await anext(events)).name for _ in range(4)] == ["retry", "task.completed", ":", ":"]
        assert services.feed.listener_count == 0, "nothing more can happen"
        services.closing.set()
        assert {event.name async for event in events} <= {":"}


async def test_ids_may_be_repeated_and_joined_by_commas(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    runs = [await deployed.completed(services, maths) for _ in range(4)]
    one, two, three, four = (run.id for run in runs)
    events = await sse.read_all(api, f"{PATH}?taskRunIds={one},{two}&taskRunIds={three}&taskRunIds={four},{one}")
    assert [event.data["id"] for event in events] == [one, two, three, four]
    assert [event.id for event in events] == ["1", "2", "3", "4"]


async def test_every_end_has_the_same_event_name(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    failed = await deployed.running(services, maths)
    await deployed.change(services, failed, ev.ErrorReported(deployed.FINAL_BOOM))
    canceled = await deployed.queued(services, maths)
    await deployed.change(services, canceled, ev.CancelRequested("no"))
    events = await sse.read_all(api, f"{PATH}?taskRunIds={failed.id},{canceled.id}")
    assert [(event.name, event.data["status"]) for event in events] == [
        ("task.completed", "failed"),
        ("task.completed", "canceled"),
    ]


async def test_a_run_is_told_when_it_ends_and_not_before(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    first, second = await deployed.running(services, maths), await deployed.running(services, maths)
    async with sse.stream(served, f"{PATH}?taskRunIds={first.id},{second.id}") as events:
        assert (await anext(events)).name == "retry"
        await deployed.change(services, first, ev.ErrorReported(deployed.BOOM))
        await deployed.change(services, second, ev.ResultReported(), result_json="[4]")
        assert (await anext(events)).data["id"] == second.id
        await deployed.change(services, first, ev.CancelRequested("no"))
        assert (await anext(events)).data["status"] == "canceled"
        assert [event async for event in events] == []


async def test_a_silent_stream_is_kept_alive(
    served: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_events, "PING_S", 0.05)
    run = await deployed.running(services, maths)
    async with sse.stream(served, f"{PATH}?taskRunIds={run.id}") as events:
        assert [(await anext(events)).name for _ in range(3)] == ["retry", ":", ":"]


async def test_a_missed_change_is_noticed_with_the_next_ping(
    served: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_events, "PING_S", 0.05)
    monkeypatch.setattr(services.feed, "_tell", lambda change: None)
    run = await deployed.running(services, maths)
    async with sse.stream(served, f"{PATH}?taskRunIds={run.id}") as events:
        await anext(events)
        await deployed.change(services, run, ev.ResultReported(), result_json="1")
        assert "task.completed" in [event.name async for event in events]


async def test_a_stream_survives_a_store_that_drops_its_connections(
    served: httpx.AsyncClient, services: Services, maths: Version, store: Client
) -> None:
    run = await deployed.running(services, maths)
    async with sse.stream(served, f"{PATH}?taskRunIds={run.id}") as events:
        await anext(events)
        await store.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await deployed.change(services, run, ev.ResultReported(), result_json="1")
        assert (await anext(events)).data["id"] == run.id


async def test_a_client_that_leaves_is_forgotten(served: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await deployed.running(services, maths)
    async with sse.stream(served, f"{PATH}?taskRunIds={run.id}") as events:
        await anext(events)
        assert services.feed.listener_count == 1

    async def is_forgotten() -> bool:
        return services.feed.listener_count == 0

    await wait_until(is_forgotten, "the listener to go")


async def test_a_server_that_stops_ends_its_streams_in_good_order(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.running(services, maths)
    async with sse.stream(served, f"{PATH}?taskRunIds={run.id}") as events:
        await anext(events)
        services.closing.set()
        assert [event async for event in events] == []
    assert services.feed.listener_count == 0


async def test_an_unknown_run_is_named_before_anything_streams(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.completed(services, maths)
    answer = await api.get(f"{PATH}?taskRunIds={run.id},trn-8&taskRunIds=trn-9")
    assert answer.status_code == 404
    assert "there is no run trn-8 and no run trn-9" in answer.json()["message"]


@pytest.mark.parametrize("query", ["", "?taskRunIds=", "?taskRunIds=,"])
async def test_a_stream_of_nothing_is_refused(api: httpx.AsyncClient, query: str) -> None:
    answer = await api.get(f"{PATH}{query}")
    assert answer.status_code == 400
    assert "taskRunIds" in answer.json()["message"]


async def test_too_many_runs_are_refused(api: httpx.AsyncClient) -> None:
    answer = await api.get(PATH, params={"taskRunIds": [f"trn-{index}" for index in range(1001)]})
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_resources")
