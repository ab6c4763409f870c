"""What is at the root, for whoever comes by."""

from __future__ import annotations

import httpx
import pytest

from orchestrator.api.deps import Services
from tests.api.conftest import KEY

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_a_browser_is_led_to_the_page(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/", headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ui/")
    assert answer.headers["Vary"] == "Accept"


async def test_a_program_is_told_what_this_is_and_where_the_key_is(stranger: httpx.AsyncClient) -> None:
    told = (await stranger.get("/")).json()
    assert (told["name"], told["api"], told["page"]) == ("orchestrator", "/v1", "/ui/")
    assert "api-key" in told["key"]


@pytest.mark.parametrize("accept", [BROWSER, {}])
async def test_neither_says_anything_of_this_instance(
    stranger: httpx.AsyncClient, services: Services, accept: dict[str, str]
) -> None:
    told = (await stranger.get("/", headers=accept)).text
    assert KEY not in told
    assert not any(value in told for value in services.info.values())


async def test_a_page_of_another_name_is_refused(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/", headers=BROWSER | {"Host": "evil.example"})).status_code == 403
