"""Signing in with a browser, and out again."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version
from tests.api.conftest import KEY, client
from tests.api.support import deployed

OURS = {"Origin": "http://127.0.0.1:8120"}


async def link(api: httpx.AsyncClient) -> str:
    answer = await api.post("/v1/sessions")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


@pytest.fixture
async def browser(app: FastAPI, api: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """One that has signed in."""
    async with client(app, {}) as signed_in:
        answer = await signed_in.get(await link(api))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/ui/")
        yield signed_in


async def test_the_link_signs_a_browser_in(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/v1/status")).status_code == 200
    assert (await browser.get("/v1/sessions/current")).json() == {"isSignedIn": True, "needsSignIn": True}


async def test_the_link_works_once(app: FastAPI, api: httpx.AsyncClient) -> None:
    url = await link(api)
    async with client(app, {}) as first, client(app, {}) as second:
        await first.get(url)
        answer = await second.get(url)
        assert answer.status_code == 401
        assert "orchestrator ui" in answer.text
        assert "set-cookie" not in answer.headers
        assert (await second.get("/v1/status")).status_code == 401


async def test_a_link_is_made_with_the_key_alone(stranger: httpx.AsyncClient, browser: httpx.AsyncClient) -> None:
    assert (await stranger.post("/v1/sessions")).status_code == 401
    answer = await browser.post("/v1/sessions", headers=OURS)
    assert (answer.status_code, answer.json()["code"]) == (403, "key_needed")


async def test_whoever_signs_out_is_out_everywhere(
    app: FastAPI, services: Services, browser: httpx.AsyncClient
) -> None:
    token = browser.cookies["orchestrator_session"]
    assert (await browser.delete("/v1/sessions/current", headers=OURS)).status_code == 204
    assert "orchestrator_session" not in browser.cookies
    async with client(app, {"Cookie": f"orchestrator_session={token}"}) as thief:
        answer = await thief.get("/v1/status")
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert "orchestrator ui" in answer.json()["message"]


async def test_a_session_survives_the_orchestrator(services: Services, browser: httpx.AsyncClient) -> None:
    token = browser.cookies["orchestrator_session"]
    async with client(create_app(services), {"Cookie": f"orchestrator_session={token}"}) as again:
        assert (await again.get("/v1/status")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:3000"},
    ],
)
async def test_a_write_in_a_session_comes_from_our_page_or_not_at_all(
    browser: httpx.AsyncClient, services: Services, maths: Version, headers: dict[str, str]
) -> None:
    run = await deployed.queued(services, maths)
    answer = await browser.delete(f"/v1/task-runs/{run.id}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert (await services.runs.get(run.id)).status == "queued"


@pytest.mark.parametrize("headers", [OURS, {"Sec-Fetch-Site": "same-origin"}])
async def test_our_page_may_write(
    browser: httpx.AsyncClient, services: Services, maths: Version, headers: dict[str, str]
) -> None:
    run = await deployed.queued(services, maths)
    assert (await browser.delete(f"/v1/task-runs/{run.id}", headers=headers)).status_code == 204


async def test_the_key_needs_no_origin_and_outranks_a_session(app: FastAPI, services: Services, maths: Version) -> None:
    run = await deployed.queued(services, maths)
    both = {"Authorization": f"Bearer {KEY}", "Cookie": "orchestrator_session=over"}
    async with client(app, both) as program:
        assert (await program.delete(f"/v1/task-runs/{run.id}")).status_code == 204


async def test_without_a_key_nobody_signs_in_but_other_pages_still_may_not_write(
    services: Services, maths: Version
) -> None:
    run = await deployed.queued(services, maths)
    async with client(create_app(replace(services, api_key=None)), {}) as anyone:
        made = await anyone.post("/v1/sessions")
        assert made.json() == {"url": "http://127.0.0.1:8120/ui/"}
        assert (await anyone.get("/v1/sessions/current")).json() == {"isSignedIn": True, "needsSignIn": False}
        assert (await anyone.get("/ui/login?ticket=x")).headers["Location"] == "/ui/"
        path = f"/v1/task-runs/{run.id}"
        assert (await anyone.delete(path, headers={"Origin": "http://evil.example"})).status_code == 403
        assert (await anyone.delete(path)).status_code == 204


async def test_no_secret_is_logged(app: FastAPI, api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "orchestrator")
    url = await link(api)
    async with client(app, {}) as signed_in:
        await signed_in.get(url)
        await signed_in.get(url)
        token = signed_in.cookies["orchestrator_session"]
    ours = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("orchestrator"))
    assert url.partition("ticket=")[2] not in ours
    assert token not in ours
