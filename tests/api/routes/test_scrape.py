"""Prometheus reads it, with the key, also while the store is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis.exceptions import ConnectionError

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from tests.api.conftest import client


def values(answer: httpx.Response) -> dict[str, float]:
    return {
        sample.name: sample.value for family in text_string_to_metric_families(answer.text) for sample in family.samples
    }


async def test_the_store_is_asked_how_much_there_is(api: httpx.AsyncClient) -> None:
    answer = await api.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = values(answer)
    assert found["orchestrator_store_up"] == 1
    assert found["orchestrator_queue_runs"] == 0
    assert found["orchestrator_store_memory_bytes"] > 0


async def test_it_needs_the_key(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/metrics")).status_code == 401


@pytest.fixture
async def open_to_all(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with client(create_app(replace(services, are_metrics_open=True)), {}) as without_key:
        yield without_key


async def test_a_setting_opens_it_and_nothing_else(open_to_all: httpx.AsyncClient) -> None:
    assert (await open_to_all.get("/metrics")).status_code == 200
    assert (await open_to_all.get("/v1/status")).status_code == 401


async def test_what_is_known_without_the_store_is_there_while_it_is_away(
    api: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> int:
        raise ConnectionError("away")

    monkeypatch.setattr(services.runs.queue, "length", away)
    services.admission.no_answers = "the store is away"
    services.meters.engine_called("ping", 0.1, is_ok=True)
    found = values(await api.get("/metrics"))
    assert found["orchestrator_store_up"] == 0
    assert "orchestrator_queue_runs" not in found
    assert found["orchestrator_engine_call_seconds_count"] == 1
