"""The API as a whole: unknown routes, a store that is away, and what it declares of itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.exceptions import BusyLoadingError, ResponseError

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.redis.server import RedisServer, store_server
from orchestrator.store.connection import Full, connect, connect_binary
from orchestrator.store.feed import Feed
from orchestrator.store.listing import RunListing
from orchestrator.store.logs import LogStore
from orchestrator.store.metrics import Metrics
from orchestrator.store.runs import RunStore
from orchestrator.store.workflows import WorkflowStore
from tests.api import deployed
from tests.api.conftest import client


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
    runs = RunStore(store)
    services = Services(
        runs,
        RunListing(store, runs),
        WorkflowStore(store, binary),
        LogStore(store),
        Metrics(store),
        Feed(store),
        deployed.now_ms,
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


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Full("Errors writing to the AOF file: No space left on device"), 503, "store_full"),
        (BusyLoadingError("LOADING"), 503, "store_unavailable"),
        (ResponseError("WRONGTYPE"), 500, "internal_error"),
    ],
)
async def test_what_the_store_says_becomes_a_status(
    api: httpx.AsyncClient,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    code: str,
) -> None:
    async def refused() -> int:
        raise error

    monkeypatch.setattr(services.runs, "queue_length", refused)
    answer = await api.get("/v1/status")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_without_room_nothing_new_is_taken_and_all_else_is_served(
    api: httpx.AsyncClient, services: Services
) -> None:
    services.admission.no_runs, services.admission.no_deploys = "the disk of /x is nearly full", "likewise"
    version = await deployed.ready(services, "maths", deployed.SQUARE)
    run = await api.post("/v1/task-runs", json={"task": f"maths/{version.tasks[0].name}", "input": [1]})
    deploy = await api.post("/v1/deploys", json={"name": "maths", "archive": ""})
    for answer in (run, deploy):
        assert (answer.status_code, answer.json()["code"]) == (503, "no_room")
        assert answer.headers["Retry-After"] == "10"
    assert "the disk of /x is nearly full" in run.json()["message"]
    assert (await api.get("/v1/task-runs")).status_code == 200


async def test_while_the_store_is_silent_nobody_has_to_wait(api: httpx.AsyncClient, services: Services) -> None:
    services.admission.no_answers = "the store has not answered for 3 s"
    answer = await api.get("/v1/task-runs")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert answer.headers["Retry-After"] == "1"


async def test_a_request_that_waits_for_a_store_that_falls_silent_is_answered(
    api: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent() -> int:
        asyncio.get_running_loop().call_soon(services.admission.fall_silent, "the store has not answered for 3 s")
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(services.runs, "queue_length", silent)
    answer = await api.get("/v1/status")
    assert (answer.status_code, answer.json()["message"]) == (503, "the store has not answered for 3 s")
    assert services.admission.waiting == set()


async def test_a_stuck_store_is_unhealthy(
    stranger: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck() -> int:
        raise TimeoutError

    monkeypatch.setattr(services.runs, "queue_length", stuck)
    answer = await stranger.get("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")


async def test_health_needs_no_key(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/healthz")).json() == {"status": "ok"}


async def test_status_counts_what_there_is_to_do(api: httpx.AsyncClient, services: Services) -> None:
    version = await deployed.ready(services, "maths", deployed.SQUARE)
    await deployed.running(services, version)
    await deployed.queued(services, version)
    status = (await api.get("/v1/status")).json()
    assert (status["queued"], status["active"], status["info"]["instance"]) == (1, 1, "test")
    assert re.fullmatch(r"0 finished runs; the store uses \d+ MiB", status["info"]["kept"])


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
