"""Every route of the API with keys of every kind, and from pages of every kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from orchestrator.api.app import ROUTERS, create_app
from orchestrator.api.browser.page import PREFIX
from orchestrator.api.deps import Services
from orchestrator.core.access import SAFE_METHODS, Scope, allows
from tests.api.conftest import client
from tests.api.routes.test_api_keys import made

_OPEN: Final = frozenset({"/", "/healthz", "/readyz", PREFIX.rstrip("/")})
_ADMIN: Final = frozenset(
    {("GET", "/v1/keys"), ("POST", "/v1/keys"), ("DELETE", "/v1/keys/{name}"), ("POST", "/v1/sessions")}
)
_OWN_SESSION: Final = "/v1/sessions/current"
_RUN: Final = ("/v1/task-runs", "/v1/operations")
_STREAMS: Final = ("/v1/changes", "/v1/task-runs/events")


def _routes() -> Iterator[tuple[str, str]]:
    """Method and path of each that needs a key."""
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.path not in _OPEN and not route.path.startswith(PREFIX):
                yield from ((method, route.path) for method in sorted(route.methods or ()))


def _wanted(method: str, path: str) -> Scope:
    """What a route must need, by what it does."""
    if (method, path) in _ADMIN:
        return Scope.ADMIN
    if method in SAFE_METHODS or path == _OWN_SESSION:
        return Scope.READ
    return Scope.RUN if path.startswith(_RUN) else Scope.DEPLOY


ROUTES: Final = sorted(set(_routes()))
WRITES: Final = [(method, path) for method, path in ROUTES if method not in SAFE_METHODS]


def _of_nothing(path: str) -> str:
    """The path of something that is not there."""
    return re.sub(r"\{\w+(:path)?\}", "nothing", path)


@pytest.mark.parametrize("scope", [Scope.READ, Scope.RUN, Scope.DEPLOY])
async def test_no_route_does_what_a_keys_scopes_do_not_say(app: FastAPI, api: httpx.AsyncClient, scope: Scope) -> None:
    async with client(app, await made(api, scope)) as holder:
        for method, path in ROUTES:
            if path in _STREAMS:
                continue
            answer = await holder.request(method, _of_nothing(path))
            is_refused = answer.status_code == 403
            assert is_refused is not allows([scope], _wanted(method, path)), (method, path, answer.text)
            assert not is_refused or answer.json()["code"] == "scope_missing"


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_no_route_is_open_to_strangers(stranger: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await stranger.request(method, _of_nothing(path))
    assert (answer.status_code, answer.json()["code"]) == (401, "missing_key")


@pytest.mark.parametrize(
    "said", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_without_a_key_no_foreign_page_writes_anything(services: Services, said: dict[str, str]) -> None:
    async with client(create_app(replace(services, api_key=None)), said) as page:
        for method, path in WRITES:
            answer = await page.request(method, _of_nothing(path))
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), (method, path)


@pytest.mark.parametrize(
    "disguise",
    ["/v1//keys", "/v1/keys/", "/v1/./keys", "/V1/keys", "/v1/%6beys", "/v1/task-runs/../keys", "/v1/keys%2f"],
)
async def test_no_way_of_writing_a_path_makes_keys(app: FastAPI, api: httpx.AsyncClient, disguise: str) -> None:
    async with client(app, await made(api, "run", "deploy")) as holder:
        answer = await holder.post(disguise, json={"name": "mine", "scopes": ["admin"]})
    assert answer.status_code in {403, 404, 405}
    assert [one["name"] for one in (await api.get("/v1/keys")).json()] == ["ci"]
