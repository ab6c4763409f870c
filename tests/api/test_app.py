"""The API as a whole: unknown routes, a store that is away, and what it declares of itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.api.logs.tail import Tail
from orchestrator.redis.server import RedisServer, store_server
from orchestrator.store.api_keys import ApiKeys
from orchestrator.store.connection import connect, connect_binary
from orchestrator.store.control.operations import Operations
from orchestrator.store.control.pauses import Pauses
from orchestrator.store.logs import LogStore
from orchestrator.store.overview import Overview
from orchestrator.store.runs.feed import Feed
from orchestrator.store.runs.listing import RunListing
from orchestrator.store.runs.metrics import Metrics
from orchestrator.store.runs.store import RunStore
from orchestrator.store.runs.trees import Trees
from orchestrator.store.sessions import Sessions
from orchestrator.store.workflows.store import WorkflowStore
from tests.api.conftest import KEY, client
from tests.api.support import deployed
from tests.env_cipher import CIPHER

_ENDLESS: Final = ("/v1/changes", "/v1/task-runs/events")


@pytest.mark.parametrize("path", ["/v1", "/v2/task-runs", "/v1/task-runs/", "/docs", "/redoc", "/v1/nothing"])
async def test_an_unknown_route_is_named(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_route")
    assert path in answer.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/task-runs", "GET, POST"),
        ("PATCH", "/v1/task-runs/trn-1", "DELETE, GET"),
        ("POST", "/v1/status", "GET"),
        ("POST", "/openapi.json", "GET"),
    ],
)
async def test_another_method_is_refused_with_those_there_are(
    api: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await api.request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert f"{path} does not take {method}; it takes {allowed}" == answer.json()["message"]


@pytest.fixture
async def own_server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    """A store's Redis that the test may stop."""
    server = store_server(tmp_path, "p", fsync="everysec")
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


async def test_while_the_store_is_away_requests_are_told_to_come_back(own_server: RedisServer) -> None:
    server = own_server
    store, binary = connect(server.url), connect_binary(server.url)
    runs, feed, logs = RunStore(store), Feed(store), LogStore(store)
    services = Services(
        runs,
        RunListing(store, runs),
        WorkflowStore(store, binary, CIPHER),
        Pauses(store),
        Operations(store),
        logs,
        Metrics(store),
        feed,
        Tail(logs, feed),
        deployed.now_ms,
        Sessions(store, None, ApiKeys(store).has),
        Trees(store),
        Overview(store),
        ApiKeys(store),
        None,
    )
    async with client(create_app(services), {}) as api:
        assert (await api.get("/healthz")).status_code == 200
        await server.stop()
        submission = {"task": "maths/square", "input": []}
        for answer in (
            await api.get("/healthz"),
            await api.get("/v1/task-runs"),
            await api.post("/v1/task-runs", json=submission),
            await api.get("/v1/task-runs/events?taskRunIds=trn-1"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
            assert answer.headers["Retry-After"] == "1"
    await store.aclose()
    await binary.aclose()


async def test_no_declared_answer_may_be_null(api: httpx.AsyncClient) -> None:
    schema = (await api.get("/openapi.json")).json()
    shapes = {name for name, shape in schema["components"]["schemas"].items() if _allows_null(shape)}
    assert shapes == set()


async def test_every_route_declares_its_errors(api: httpx.AsyncClient) -> None:
    schema = (await api.get("/openapi.json")).json()
    problem = {"$ref": "#/components/schemas/Problem"}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            default = operation["responses"]["default"]["content"]["application/json"]["schema"]
            assert default == problem, f"{method} {path}"
            assert "422" not in operation["responses"], f"{method} {path}"


async def test_submissions_declare_their_body_and_202(api: httpx.AsyncClient) -> None:
    operation = (await api.get("/openapi.json")).json()["paths"]["/v1/task-runs"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["task", "input"]
    assert set(operation["responses"]) == {"202", "default"}


def _allows_null(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_allows_null, value))
    if isinstance(value, dict):
        return value.get("type") == "null" or any(map(_allows_null, value.values()))
    return False


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/task-runs/counts", "GET"),
        ("/v1/tasks/maths/square/pause", "POST"),
        ("/v1/task-runs/trn-1", "DELETE, GET"),
    ],
)
async def test_what_a_path_takes_is_told_of_the_path_that_is_meant(
    api: httpx.AsyncClient, path: str, allowed: str
) -> None:
    answer = await api.request("OPTIONS", path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


async def test_every_route_that_can_be_read_can_be_asked_for_its_head(app: FastAPI) -> None:
    paths = sorted(
        path for path, methods in app.openapi()["paths"].items() if "get" in methods and path not in _ENDLESS
    )
    asking = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://127.0.0.1:8120",
        headers={"Authorization": f"Bearer {KEY}"},
    )
    async with asking:
        for path in [*(re.sub(r"{\w+}", "nothing", path) for path in paths), "/ui/", "/openapi.json"]:
            read, head = await asking.get(path), await asking.head(path)
            assert (head.status_code, head.content) == (read.status_code, b""), path
            assert head.headers["content-type"] == read.headers["content-type"], path


async def test_the_head_of_a_stream_ends(served: httpx.AsyncClient) -> None:
    answer = await served.head("/v1/changes")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize(("method", "path"), [("POST", b"/v1/task-runs"), ("PUT", b"/v1/services/shop/env-vars")])
async def test_who_leaves_in_the_midst_of_a_body_is_not_answered_and_not_logged(
    app: FastAPI, caplog: pytest.LogCaptureFixture, method: str, path: bytes
) -> None:
    sent: list[object] = []
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path.decode(), "raw_path": path, "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {KEY}".encode()), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8120), "scheme": "http", "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert (sent, caplog.records) == ([], [])
