"""Who changed what."""

from __future__ import annotations

import json
import logging

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.api import audit
from tests.api.conftest import KEY, client


def noted(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str, int]]:
    """Who did what, and what the answer was."""
    lines = [json.loads(record.message) for record in caplog.records if record.name == audit.LOGGER]
    return [(line["who"], line["method"], line["path"], line["status"]) for line in lines]


@pytest.fixture(autouse=True)
def kept(caplog: pytest.LogCaptureFixture) -> None:
    """The lines, as the command line keeps them in a file."""
    caplog.set_level(logging.INFO, audit.LOGGER)


async def test_what_may_have_changed_something_is_noted_with_the_key_it_was_asked_with(
    app: FastAPI, api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    key = (await api.post("/v1/keys", json={"name": "ci", "scopes": ["run"]})).json()["key"]
    async with client(app, {"Authorization": f"Bearer {key}"}) as holder:
        await holder.delete("/v1/workflows/shop?secret=1")
    assert noted(caplog) == [
        ("the first key", "POST", "/v1/keys", 201),
        ("key ci", "DELETE", "/v1/workflows/shop", 403),
    ]
    assert not {key, KEY, "secret=1"} & set(caplog.text.split())


async def test_a_wrong_key_is_noted_too(stranger: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    await stranger.post("/v1/task-runs", json={}, headers={"Authorization": "Bearer wrong"})
    assert noted(caplog) == [("nobody", "POST", "/v1/task-runs", 401)]


async def test_reading_is_not_noted(api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    await api.get("/v1/status")
    assert noted(caplog) == []
