from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from tests.api.conftest import client


async def made(api: httpx.AsyncClient, *scopes: str, name: str = "ci") -> dict[str, str]:
    """The headers with a new key of these scopes."""
    answer = await api.post("/v1/keys", json={"name": name, "scopes": scopes})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['key']}"}


async def test_a_new_key_opens_and_is_shown_once(app: FastAPI, api: httpx.AsyncClient) -> None:
    headers = await made(api, "read")
    async with client(app, headers) as reader:
        assert (await reader.get("/v1/task-runs")).status_code == 200
    listed = (await api.get("/v1/keys")).json()
    assert [(one["name"], one["scopes"]) for one in listed] == [("ci", ["read"])]
    assert headers["Authorization"].split()[1] not in str(listed)


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("read", "POST", "/v1/task-runs", 403),
        ("run", "POST", "/v1/task-runs", 400),
        ("deploy", "POST", "/v1/task-runs", 403),
        ("run", "DELETE", "/v1/workflows/shop", 403),
        ("deploy", "DELETE", "/v1/workflows/shop", 404),
        ("deploy", "GET", "/v1/keys", 403),
        ("run", "POST", "/v1/sessions", 403),
        ("admin", "POST", "/v1/sessions", 201),
        ("admin", "GET", "/v1/keys", 200),
        ("read", "GET", "/v1/nothing", 404),
    ],
)
async def test_a_key_is_good_for_what_its_scopes_say(
    app: FastAPI, api: httpx.AsyncClient, scope: str, method: str, path: str, status: int
) -> None:
    async with client(app, await made(api, scope)) as holder:
        answer = await holder.request(method, path, **({"json": {}} if method == "POST" else {}))  # type: ignore[arg-type]
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "scope_missing"
        assert "key ci is good for" in answer.json()["message"]
        assert "orchestrator keys create NAME --scope" in answer.json()["message"]


async def test_a_revoked_key_opens_nothing_any_more(app: FastAPI, api: httpx.AsyncClient) -> None:
    headers = await made(api, "admin")
    assert (await api.delete("/v1/keys/ci")).status_code == 204
    async with client(app, headers) as holder:
        answer = await holder.get("/v1/status")
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_key")


async def test_a_key_that_is_not_there_cannot_be_revoked(api: httpx.AsyncClient) -> None:
    await made(api, "read", name="web")
    answer = await api.delete("/v1/keys/ci")
    assert (answer.status_code, "the keys are: web" in answer.json()["message"]) == (404, True)


async def test_a_name_is_taken_until_its_key_is_revoked(api: httpx.AsyncClient) -> None:
    await made(api, "read")
    answer = await api.post("/v1/keys", json={"name": "ci", "scopes": ["run"]})
    assert (answer.status_code, "there is a key 'ci' already" in answer.json()["message"]) == (409, True)


@pytest.mark.parametrize(
    "body", [{"name": "CI", "scopes": ["read"]}, {"name": "ci", "scopes": []}, {"name": "ci", "scopes": ["all"]}, {}]
)
async def test_a_key_that_cannot_be_is_refused(api: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert (await api.post("/v1/keys", json=body)).status_code == 400


async def test_a_name_that_cannot_be_says_what_can(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/keys", json={"name": "CI", "scopes": ["read"]})
    assert answer.json()["message"] == "name cannot be 'CI': use small letters, digits and dashes, at most 40 of them"


async def test_where_nobody_needs_a_key_none_is_made(services: Services) -> None:
    async with client(create_app(replace(services, api_key=None)), {}) as anybody:
        answer = await anybody.post("/v1/keys", json={"name": "ci", "scopes": ["read"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_auth")
