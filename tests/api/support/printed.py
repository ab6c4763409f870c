"""Runs that printed something, and what the API shows of it."""

from __future__ import annotations

import time

import httpx

from orchestrator.api.deps import Services
from orchestrator.core.logs import LogLine
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Run
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from tests.api.support import deployed


async def printed(services: Services, key: str, *messages: str, end: bool = True) -> None:
    writer = services.logs.writer(keys.Key(key))
    await writer.append([LogLine(time.time_ns(), "stdout", message) for message in messages])
    if end:
        await writer.end()


async def two_attempts(services: Services, version: Version) -> Run:
    """A run that failed, printed, was tried again, printed and completed."""
    run = await deployed.running(services, version)
    await printed(services, keys.run_logs(run.id, 0), "a", "b")
    await deployed.change(services, run, ev.ErrorReported(deployed.BOOM), ev.BackoffElapsed())
    await deployed.change(services, run, ev.Claimed(deployed.now_ms() + 1000), ev.ShimReady())
    await printed(services, keys.run_logs(run.id, 1), "c", "é")
    return await deployed.change(services, run, ev.ResultReported(), result_json="1")


async def lines(api: httpx.AsyncClient, run: Run, query: str = "") -> list[tuple[int, str]]:
    answer = await api.get(f"/v1/task-runs/{run.id}/logs{query}")
    assert answer.status_code == 200, answer.text
    return [(line["attempt"], line["message"]) for line in answer.json()]


ALL = [(0, "a"), (0, "b"), (1, "c"), (1, "é")]
