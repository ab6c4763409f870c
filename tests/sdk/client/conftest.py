from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchestrator_sdk import AsyncClient, Client
from orchestrator_sdk.client import subscription

URL = "http://orchestrator.test"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No instance of this machine is found by accident, and nobody waits between two connections."""
    for name in (
        "ORCHESTRATOR_URL",
        "ORCHESTRATOR_API_KEY",
        "RENDER_API_KEY",
        "RENDER_LOCAL_DEV_URL",
        "RENDER_USE_LOCAL_DEV",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ORCHESTRATOR_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(subscription, "_FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(subscription, "_LAST_PAUSE_S", 0.001)


def run_json(run_id: str = "trn-1", status: str = "completed", **more: Any) -> dict[str, Any]:
    """A run as the API shows it."""
    return {
        "id": run_id,
        "taskId": "tsk-1",
        "status": status,
        "parentTaskRunId": "",
        "rootTaskRunId": run_id,
        "retries": 0,
        "attempts": [],
        "input": [2],
        "results": [4] if status == "completed" else [],
        **more,
    }


def ended(*runs: dict[str, Any]) -> bytes:
    """A stream on which runs end."""
    events = [f"event: task.completed\ndata: {json.dumps(run)}\n\n" for run in runs]
    return ("retry: 2000\n\n: ping\n\n" + "".join(events)).encode()


class Server:
    """Answers with what it was given, in order, and keeps the requests; an exception is a broken connection."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer, headers={"Content-Type": "text/event-stream"})
        status, body, *headers = answer
        given = {"headers": headers[0]} if headers else {}
        return httpx.Response(status, json=body, **given) if body is not None else httpx.Response(status, **given)

    @property
    def paths(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    def body(self, index: int = -1) -> Any:
        return json.loads(self.requests[index].content)


class Blocking:
    """An AsyncClient that is used like a Client, so that both pass the same tests."""

    def __init__(self, client: AsyncClient, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            answer = getattr(self._client, name)(*args, **kwargs)
            return self._runner.run(answer) if inspect.iscoroutine(answer) else self._iterate(answer)

        return call

    def _iterate(self, items: Any) -> Iterator[Any]:
        async def following() -> Any:
            return await anext(items, None)

        while (item := self._runner.run(following())) is not None:
            yield item


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, server: Server) -> Iterator[Any]:
    """Either client, talking to the server."""
    transport: Callable[..., Any] = httpx.MockTransport
    if request.param == "sync":
        with Client(url=URL, api_key="k", transport=transport(server)) as blocking:
            yield blocking
        return
    with asyncio.Runner() as runner:
        asynchronous = AsyncClient(url=URL, api_key="k", transport=transport(server))
        yield Blocking(asynchronous, runner)
        runner.run(asynchronous.close())
