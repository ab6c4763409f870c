"""What is at the root, for whoever comes by."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from tests.api.conftest import KEY, client

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_a_browser_gets_a_page_that_says_what_this_is_and_where_the_key_is(stranger: httpx.AsyncClient) -> None:
    page = await stranger.get("/", headers=BROWSER)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for part in ("Docker container", "orchestrator deploy", "api-key", f"curl {stranger.base_url}/v1/task-runs"):
        assert part in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_a_program_gets_the_same_as_json(stranger: httpx.AsyncClient) -> None:
    told = (await stranger.get("/")).json()
    assert (told["name"], told["api"], told["health"]) == ("orchestrator", "/v1", "/healthz")
    assert "api-key" in told["key"]


@pytest.mark.parametrize("accept", [BROWSER, {}])
async def test_neither_says_anything_of_this_instance(
    stranger: httpx.AsyncClient, services: Services, accept: dict[str, str]
) -> None:
    told = (await stranger.get("/", headers=accept)).text
    assert KEY not in told
    assert not any(value in told for value in services.info.values())


async def test_the_name_it_is_called_by_cannot_put_markup_into_the_page(services: Services) -> None:
    async with client(create_app(replace(services, host="0.0.0.0")), {"Host": 'a"><script>x'}) as caller:
        page = await caller.get("/", headers=BROWSER)
    assert re.search("<script", page.text) is None


async def test_a_page_of_another_name_is_refused(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/", headers=BROWSER | {"Host": "evil.example"})).status_code == 403
