"""The page's files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from tests.api.conftest import KEY, client

INDEX = "<!doctype html><title>page</title>"


@pytest.fixture
async def visitor(services: Services, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session, where the page is built."""
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(INDEX)
    (built / "favicon.svg").write_text("<svg/>")
    (built / "assets" / "app-1a2b.js").write_text("let a")
    (built / "assets" / "app-1a2b.css").write_text("a{}")
    (tmp_path / "secret").write_text(KEY)
    async with client(create_app(replace(services, page=built)), {}) as browser:
        yield browser


@pytest.mark.parametrize("path", ["/ui/", "/ui/index.html", "/ui/runs", "/ui/runs/trn-0123?tab=logs", "/ui/a.b/c"])
async def test_every_address_of_the_page_is_the_page(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_no_script_but_ours_runs_in_it(visitor: httpx.AsyncClient) -> None:
    headers = (await visitor.get("/ui/")).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["base-uri"], policy["frame-ancestors"], policy["connect-src"]) == ("'none'", "'none'", "'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("name", "kind"), [("app-1a2b.js", "text/javascript"), ("app-1a2b.css", "text/css")])
async def test_hashed_files_are_kept_for_ever(visitor: httpx.AsyncClient, name: str, kind: str) -> None:
    answer = await visitor.get(f"/ui/assets/{name}")
    assert answer.headers["Content-Type"].startswith(kind)
    assert "immutable" in answer.headers["Cache-Control"]


async def test_a_file_of_an_older_page_is_missing_not_the_page(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/ui/assets/app-gone.js")).status_code == 404


@pytest.mark.parametrize("path", ["/ui/../secret", "/ui/%2e%2e/secret", "/ui/..%2fsecret", "/ui/assets/../../secret"])
async def test_nothing_beside_it_is_served(visitor: httpx.AsyncClient, path: str) -> None:
    assert KEY not in (await visitor.get(httpx.URL("http://127.0.0.1:8120", raw_path=path.encode()))).text


async def test_the_address_without_its_slash_leads_there(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/ui")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ui/")


async def test_unchanged_it_is_not_sent_again(visitor: httpx.AsyncClient) -> None:
    tag = (await visitor.get("/ui/")).headers["ETag"]
    assert (await visitor.get("/ui/", headers={"If-None-Match": tag})).status_code == 304


async def test_where_it_is_not_built_a_plain_page_says_how(services: Services, tmp_path: Path) -> None:
    async with client(create_app(replace(services, page=tmp_path)), {}) as browser:
        answer = await browser.get("/ui/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for part in ("npm --prefix ui run build", "orchestrator deploy", "api-key", "curl http://127.0.0.1:8120/v1"):
        assert part in answer.text


async def test_the_plain_page_takes_no_markup_from_the_name_it_is_called_by(services: Services, tmp_path: Path) -> None:
    app = create_app(replace(services, host="0.0.0.0", page=tmp_path))
    async with client(app, {"Host": 'a"><script>x'}) as caller:
        assert "<script" not in (await caller.get("/ui/")).text
