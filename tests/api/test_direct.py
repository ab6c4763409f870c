"""The shorter way leads to the same answers."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.api.direct import Direct
from orchestrator.core.workflow import Version
from tests.api.conftest import KEY, client


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_other_methods_of_the_path_go_the_usual_way(api: httpx.AsyncClient, maths: Version, method: str) -> None:
    answer = await api.request(method, "/v1/task-runs")
    assert answer.status_code == (200 if method == "GET" else 405)


async def test_what_any_request_may_end_in_is_answered_as_everywhere(api: httpx.AsyncClient, maths: Version) -> None:
    unknown = await api.post("/v1/task-runs", json={"task": "maths/nothing", "input": []})
    assert unknown.status_code == 404
    assert "has no task 'nothing'" in unknown.json()["message"]


async def test_a_key_is_needed_there_too(stranger: httpx.AsyncClient, maths: Version) -> None:
    answer = await stranger.post("/v1/task-runs", json={"task": "maths/square", "input": []})
    assert answer.status_code == 401


async def test_an_error_of_ours_is_answered_with_its_id(app: FastAPI, maths: Version) -> None:
    async def broken(request: object) -> None:
        raise ZeroDivisionError

    (direct,) = (one for one in app.user_middleware if one.cls is Direct)  # type: ignore[comparison-overlap]
    direct.kwargs["endpoint"] = broken
    async with client(app, {"Authorization": f"Bearer {KEY}"}) as api:
        answer = await api.post("/v1/task-runs", json={"task": "maths/square", "input": []})
    assert answer.status_code == 500
    assert answer.json()["id"].startswith("err-")
