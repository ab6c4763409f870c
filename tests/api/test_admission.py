from __future__ import annotations

import asyncio

import httpx
import pytest

from orchestrator.api.deps import Services
from tests.api.support import deployed


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

    monkeypatch.setattr(services.runs.queue, "length", silent)
    answer = await api.get("/v1/status")
    assert (answer.status_code, answer.json()["message"]) == (503, "the store has not answered for 3 s")
    assert services.admission.waiting == set()
