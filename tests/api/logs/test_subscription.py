"""The websocket /v1/logs/subscribe, as a program outside sees it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, RejectConnection, RejectData, Request, TextMessage

from orchestrator.api.deps import Services
from orchestrator.core.logs import LogLine
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Run
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from tests.api.conftest import KEY
from tests.api.support import deployed
from tests.wait import LIMIT_S


@contextlib.asynccontextmanager
async def subscribed(
    served: httpx.AsyncClient, query: str, key: str = KEY, **other_headers: str
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """What the server sends, object by object; the first says whether it accepted."""
    reader, writer = await asyncio.open_connection(served.base_url.host, served.base_url.port)
    connection = WSConnection(ConnectionType.CLIENT)
    given = other_headers or {"authorization": f"Bearer {key}"}
    headers = [(name.encode(), value.encode()) for name, value in given.items()]
    request = Request(host="127.0.0.1", target=f"/v1/logs/subscribe?{query}", extra_headers=headers)
    writer.write(connection.send(request))

    async def received() -> AsyncIterator[dict[str, Any]]:
        while data := await asyncio.wait_for(reader.read(65_536), LIMIT_S):
            connection.receive_data(data)
            for event in connection.events():
                match event:
                    case AcceptConnection():
                        yield {"status": 101}
                    case RejectConnection():
                        yield {"status": event.status_code}
                    case TextMessage():
                        yield json.loads(event.data)
                    case RejectData():
                        yield json.loads(bytes(event.data) or b"{}")
                    case CloseConnection():
                        yield {"closed": event.code}
                        return
                    case _:
                        pass

    try:
        yield received()
    finally:
        writer.close()


async def prints(services: Services, run: Run, *messages: str) -> None:
    lines = [LogLine(time.time_ns(), "stdout", message) for message in messages]
    await services.logs.writer(keys.run_logs(run.id, 0)).append(lines)


async def ends(services: Services, run: Run) -> None:
    await services.logs.writer(keys.run_logs(run.id, 0)).end()
    await deployed.change(services, run, ev.ResultReported(), result_json="1")


async def test_a_named_run_is_followed_from_its_first_line_to_its_last(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.running(services, maths)
    await prints(services, run, "before")
    async with subscribed(served, f"taskRun={run.id}&ownerId=tea-x") as received:
        assert (await anext(received))["status"] == 101
        first = await anext(received)
        assert (first["message"], {"name": "taskRun", "value": run.id} in first["labels"]) == ("before", True)
        await prints(services, run, "é\nafter")
        assert (await anext(received))["message"] == "é\nafter"
        await ends(services, run)
        assert await anext(received) == {"closed": 1000}


async def test_runs_that_begin_later_are_followed_by_task(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    async with subscribed(served, "task=maths/square&text=wanted") as received:
        assert (await anext(received))["status"] == 101
        other = await deployed.running(services, maths, "add")
        run = await deployed.running(services, maths)
        await prints(services, other, "wanted, of another task")
        await prints(services, run, "something else", "wanted")
        assert (await anext(received))["message"] == "wanted"
        for one in (other, run):
            await ends(services, one)


@pytest.mark.parametrize(
    ("query", "key", "status"),
    [("", "wrong", 401), ("taskRun=trn-9", KEY, 404), ("limit=x", KEY, 400), ("task=maths/nothing", KEY, 404)],
)
async def test_a_refusal_is_an_answer_in_json(
    served: httpx.AsyncClient, maths: Version, query: str, key: str, status: int
) -> None:
    async with subscribed(served, query, key) as received:
        assert (await anext(received))["status"] == status
        assert "message" in await anext(received)


@pytest.mark.parametrize(("port", "status"), [("", 101), ("3000", 403)])
async def test_in_a_browser_s_session_only_our_own_page_is_served(
    served: httpx.AsyncClient, services: Services, maths: Version, port: str, status: int
) -> None:
    run = await deployed.running(services, maths)
    token = await services.sessions.redeem(await services.sessions.issue_ticket())
    origin = f"http://127.0.0.1{':' if port else ''}{port}"
    session = {"cookie": f"orchestrator_session={token}", "origin": origin}
    async with subscribed(served, f"taskRun={run.id}", **session) as received:
        assert (await anext(received))["status"] == status
