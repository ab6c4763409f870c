"""The API over a real store, in process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.api.logs.tail import Tail
from orchestrator.api.routes import instance
from orchestrator.core.workflow import Version
from orchestrator.store.api_keys import ApiKeys
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.control.operations import Operations
from orchestrator.store.control.pauses import Pauses
from orchestrator.store.logs import LogStore
from orchestrator.store.overview import Overview
from orchestrator.store.removal import Removal
from orchestrator.store.runs.feed import Feed
from orchestrator.store.runs.listing import RunListing
from orchestrator.store.runs.metrics import Metrics
from orchestrator.store.runs.store import RunStore
from orchestrator.store.runs.trees import Trees
from orchestrator.store.sessions import Sessions
from orchestrator.store.workflows.store import WorkflowStore
from tests.api.support import deployed, wire
from tests.api.support.serving import NO_TLS, serving
from tests.env_cipher import CIPHER
from tests.wait import LIMIT_S

KEY = "orc_secret"


@pytest.fixture
async def services(store: Client, redis_servers: tuple[str, str]) -> AsyncIterator[Services]:
    """Services whose feed runs."""
    binary = connect_binary(redis_servers[0])
    runs, feed, logs = RunStore(store), Feed(store), LogStore(store)
    tail = Tail(logs, feed)
    reading = asyncio.gather(feed.run(), tail.run())
    await feed.is_connected.wait()
    yield Services(
        runs=runs,
        listing=RunListing(store, runs),
        workflows=WorkflowStore(store, binary, CIPHER),
        pauses=Pauses(store),
        operations=Operations(store),
        logs=logs,
        metrics=Metrics(store),
        feed=feed,
        tail=tail,
        now_ms=lambda: time.time_ns() // 1_000_000,
        sessions=Sessions(store, KEY, ApiKeys(store).has),
        trees=Trees(store),
        overview=Overview(store),
        keys=ApiKeys(store),
        api_key=KEY,
        held=Removal(store).held,
        keeping="finished runs are kept for 30 days",
        info={"instance": "test"},
    )
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
    await binary.aclose()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy host a store that is well may take longer than a health check allows it."""
    monkeypatch.setattr(instance, "_ANSWER_S", LIMIT_S)


@pytest.fixture
def app(services: Services) -> FastAPI:
    """The ASGI application."""
    return create_app(services)


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the key, which holds every answer to what is declared."""
    async with client(app, {"Authorization": f"Bearer {KEY}"}) as with_key:
        yield with_key


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    async with client(app, {}) as without_key:
        yield without_key


def client(app: FastAPI, headers: dict[str, str]) -> httpx.AsyncClient:
    """A client of the app in this process."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://127.0.0.1:8120",
        headers=headers,
        event_hooks={"response": [wire.check]},
    )


@pytest.fixture
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the key of the app behind a real server, for what streams."""
    async with (
        serving(app) as url,
        httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=LIMIT_S, verify=NO_TLS
        ) as with_key,
    ):
        yield with_key


@pytest.fixture
async def maths(services: Services) -> Version:
    """The workflow ``maths`` with the tasks ``square`` and ``add``, ready."""
    return await deployed.ready(services, "maths", deployed.SQUARE, deployed.ADD)
