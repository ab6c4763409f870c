"""Serves the HTTP API alone on a store of its own: ``python -m bench.api_server STORE_URL``; prints its port."""

from __future__ import annotations

import asyncio
import sys
import time

import uvicorn

from bench.key import API_KEY
from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.app.listening import listen
from orchestrator.core.tasks import check
from orchestrator.core.workflow import Source
from orchestrator.store.connection import connect, connect_binary
from orchestrator.store.env_cipher import EnvCipher
from orchestrator.store.logs import LogStore
from orchestrator.store.runs.feed import Feed
from orchestrator.store.runs.listing import RunListing
from orchestrator.store.runs.metrics import Metrics
from orchestrator.store.runs.store import RunStore
from orchestrator.store.workflows.store import WorkflowStore


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def serve(store_url: str) -> None:
    client = connect(store_url)
    runs, workflows = RunStore(client), WorkflowStore(client, connect_binary(store_url), EnvCipher(EnvCipher.new_key()))
    _, version = await workflows.deploy("bench", Source("/"), "main.py", {}, b"", now_ms=now_ms())
    await workflows.release(version, check([{"name": "noop"}]), now_ms=now_ms())
    services = Services(
        runs=runs,
        listing=RunListing(client, runs),
        workflows=workflows,
        logs=LogStore(client),
        metrics=Metrics(client),
        feed=Feed(client),
        now_ms=now_ms,
        api_key=API_KEY,
    )
    listener = listen("127.0.0.1", 0)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(create_app(services), log_config=None, access_log=False, lifespan="off")
    await uvicorn.Server(config).serve(sockets=[listener])


asyncio.run(serve(sys.argv[1]))
