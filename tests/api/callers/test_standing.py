"""What is under way ends with what it was let in with."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.api.callers import standing
from orchestrator.api.callers.standing import Fallen, Standing
from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version
from tests.api.logs.test_subscription import subscribed
from tests.api.routes.test_api_keys import made
from tests.api.support import deployed
from tests.api.support.sse import stream
from tests.wait import LIMIT_S


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "INTERVAL_S", 0.01)


async def test_however_many_have_a_key_it_is_looked_up_once_and_others_stay() -> None:
    asked: list[str] = []

    async def is_good(credential: str) -> bool:
        asked.append(credential)
        return credential == "good"

    requests = Standing(is_good)

    async def one(credential: str) -> None:
        async with requests.request(credential):
            await asyncio.Event().wait()

    bad = [asyncio.create_task(one("bad")) for _ in range(3)]
    stays = [asyncio.create_task(one(credential)) for credential in ("good", "")]
    await asyncio.wait(bad, timeout=LIMIT_S)
    assert all(isinstance(task.exception(), Fallen) for task in bad)
    assert asked.count("bad") == 1
    assert not any(task.done() for task in stays)
    for task in stays:
        task.cancel()
    await asyncio.wait(stays)


async def test_streams_of_a_revoked_key_end(app: FastAPI, served: httpx.AsyncClient, api: httpx.AsyncClient) -> None:
    served.headers.update(await made(api, "read"))
    async with stream(served, "/v1/changes") as events:
        await anext(events)
        await api.delete("/v1/keys/ci")
        async with asyncio.timeout(LIMIT_S):
            assert [event async for event in events if event.name != ":"] == []


async def test_a_websocket_of_a_revoked_key_is_closed(
    served: httpx.AsyncClient, services: Services, api: httpx.AsyncClient, maths: Version
) -> None:
    run = await deployed.running(services, maths)
    key = (await made(api, "read"))["Authorization"].split()[1]
    async with subscribed(served, f"taskRun={run.id}", key) as received:
        assert (await anext(received))["status"] == 101
        await api.delete("/v1/keys/ci")
        assert await anext(received) == {"closed": 1008}


async def test_streams_of_a_session_end_with_the_key_it_was_made_with(
    served: httpx.AsyncClient, services: Services, api: httpx.AsyncClient
) -> None:
    headers = await made(api, "admin")
    link = (await api.post("/v1/sessions", headers=headers)).json()["url"]
    token = await services.sessions.redeem(link.partition("ticket=")[2])
    del served.headers["Authorization"]
    served.headers["Cookie"] = f"orchestrator_session={token}"
    async with stream(served, "/v1/changes") as events:
        await anext(events)
        await api.delete("/v1/keys/ci")
        async with asyncio.timeout(LIMIT_S):
            assert [event async for event in events if event.name != ":"] == []
    assert (await served.get("/v1/status")).status_code == 401
