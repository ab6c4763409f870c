"""The official clients, unmodified and outside, with only their environment pointing here."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.store.connection import connect
from orchestrator.store.runs.listing import RunListing
from orchestrator.store.runs.store import RunStore
from orchestrator.store.workflows.store import WorkflowStore
from tests.api.support.serving import serving
from tests.env_cipher import CIPHER
from tests.official import ALL
from tests.official_clients.conftest import Outside, Programs

pytestmark = pytest.mark.long

every_release = pytest.mark.parametrize("requirement", ALL)
oldest_and_newest = pytest.mark.parametrize("requirement", [ALL[0], ALL[-1]])
WITH_KEYS = ("render==1.2.0", "render==1.5.0")


def once(results: list[object]) -> dict[str, object]:
    return {"status": "completed", "results": results, "attempts": ["completed"], "retries": 0}


@every_release
async def test_the_sync_client_runs_watches_lists_and_cancels(outside: Outside, requirement: str) -> None:
    expected: dict[str, object] = {
        "run": once([25]),
        "a list as argument": once([1, None, "é☃"]),
        "two events": [9, 16],
        "got": once([9]),
        "failed": ["TaskRunError", "boom"],
        "canceled": "canceled",
        "retried": {**once(["now"]), "attempts": ["failed", "completed"], "retries": 1},
        "pages": [2, 5, 7],
    }
    if requirement in WITH_KEYS:
        expected["same key, same run"] = True
    assert await outside(requirement, "sync_client") == expected


@every_release
async def test_the_async_client_runs_watches_lists_and_cancels(outside: Outside, requirement: str) -> None:
    assert await outside(requirement, "async_client") == {
        "awaited": once([9]),
        "run": once([25]),
        "several at once": [[36], [49], [64]],
        "events": [16, 25],
        "failed": ["TaskRunError", "boom"],
        "canceled": "canceled",
        "listed": 3,
    }


@oldest_and_newest
async def test_every_refusal_is_the_documented_error(outside: Outside, requirement: str) -> None:
    assert set((await outside(requirement, "refusals")).values()) == {"ClientError"}


@pytest.fixture
async def url_without_store(services: Services) -> AsyncIterator[str]:
    """An API whose store has gone."""
    nobody = connect("redis://127.0.0.1:1/0")
    runs = RunStore(nobody)
    away = dataclasses.replace(
        services, runs=runs, listing=RunListing(nobody, runs), workflows=WorkflowStore(nobody, nobody, CIPHER)
    )
    async with serving(create_app(away)) as url:
        yield url
    await nobody.aclose()


@oldest_and_newest
async def test_a_store_that_is_away_is_a_server_error(
    url_without_store: str, official_programs: Programs, requirement: str
) -> None:
    async with asyncio.timeout(60):
        assert set((await official_programs.run(requirement, "store_away", url_without_store)).values()) == {
            "ServerError"
        }
