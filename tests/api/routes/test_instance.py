from __future__ import annotations

import re

import httpx
import pytest

from orchestrator.api.deps import Services
from tests.api.support import deployed


async def test_a_stuck_store_is_unhealthy(
    stranger: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck() -> int:
        raise TimeoutError

    monkeypatch.setattr(services.runs.queue, "length", stuck)
    answer = await stranger.get("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")


async def test_who_takes_no_new_runs_is_well_and_not_ready(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, services: Services
) -> None:
    assert (await stranger.get("/readyz")).json() == {"status": "ok"}
    services.admission.no_runs = "the disk is nearly full"
    answer = await stranger.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_room")
    assert (await stranger.get("/healthz")).json() == {"status": "refusing"}
    status = (await api.get("/v1/status")).json()
    assert (status["status"], status["info"]["new runs"]) == ("refusing", "refused: the disk is nearly full")


async def test_health_needs_no_key(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/healthz")).json() == {"status": "ok"}
    assert (await stranger.head("/healthz")).status_code == 200


async def test_status_counts_what_there_is_to_do(api: httpx.AsyncClient, services: Services) -> None:
    version = await deployed.ready(services, "maths", deployed.SQUARE)
    await deployed.running(services, version)
    await deployed.queued(services, version)
    status = (await api.get("/v1/status")).json()
    assert (status["queued"], status["active"], status["info"]["instance"]) == (1, 1, "test")
    assert re.fullmatch(r"0 finished runs; the store uses \d+ MiB", status["info"]["kept"])
