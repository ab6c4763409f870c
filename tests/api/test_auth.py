"""Who may call."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from tests.api.conftest import KEY, client

PATHS = ["/v1/task-runs", "/v1/task-runs/events?taskRunIds=x", "/v1/logs", "/v1/status", "/openapi.json", "/nothing"]


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_is_answered_without_the_key(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "missing_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "api-key" in answer.json()["message"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer wrong", "wrong_key"),
        (f"Bearer {KEY}x", "wrong_key"),
        (f"Bearer {KEY[:-1]}", "wrong_key"),
        ("Bearer ", "missing_key"),
        ("Bearer", "missing_key"),
        (KEY, "missing_key"),
        (f"Basic {KEY}", "missing_key"),
        ("Bearer é", "wrong_key"),
    ],
)
async def test_only_the_key_opens(stranger: httpx.AsyncClient, header: str, code: str) -> None:
    answer = await stranger.get("/v1/status", headers={b"Authorization": header.encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert KEY not in answer.text


async def test_the_scheme_may_be_written_in_any_case(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/v1/status", headers={"Authorization": f"bearer {KEY}"})
    assert answer.status_code == 200


async def test_without_auth_everybody_may_call(services: Services) -> None:
    async with client(create_app(replace(services, api_key=None)), {}) as anyone:
        assert (await anyone.get("/v1/task-runs")).status_code == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8120", "localhost:8120", "LOCALHOST", "[::1]:8120", "10.1.2.3", "orchestrator.lan"]
)
async def test_requests_for_us_are_served(services: Services, host: str) -> None:
    app = create_app(replace(services, allowed_hosts=frozenset({"orchestrator.lan"})))
    async with client(app, {"Authorization": f"Bearer {KEY}", "Host": host}) as caller:
        assert (await caller.get("/v1/status")).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8120", "127.0.0.1.evil.example", "", "[evil]"])
async def test_requests_for_other_names_are_refused(api: httpx.AsyncClient, host: str) -> None:
    answer = await api.get("/v1/status", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "unknown_host")
    assert "127.0.0.1" in answer.json()["message"]


async def test_serving_other_machines_any_name_will_do_because_the_key_is_needed(services: Services) -> None:
    app = create_app(replace(services, host="0.0.0.0"))
    async with client(app, {"Authorization": f"Bearer {KEY}", "Host": "box.example"}) as caller:
        assert (await caller.get("/v1/status")).status_code == 200


async def test_serving_other_machines_without_a_key_names_still_count(services: Services) -> None:
    app = create_app(replace(services, host="0.0.0.0", api_key=None))
    async with client(app, {"Host": "evil.example"}) as caller:
        assert (await caller.get("/v1/status")).status_code == 403


async def test_an_error_nobody_expected_is_logged_under_the_id_that_is_answered(
    api: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> int:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(services.runs.queue, "length", broken)
    answer = await api.get("/v1/status")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret detail" not in answer.text
    assert re.fullmatch("err-[0-9a-v]{20}", answer.json()["id"])
    assert answer.json()["id"] in caplog.text
    assert "secret detail" in caplog.text
