"""Operations on many runs over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.api.routes.control import operations as module
from orchestrator.core.workflow import Version
from tests.api.support import deployed


async def begin(api: httpx.AsyncClient, action: str, **filters: Any) -> Any:
    answer = await api.post("/v1/operations", json={"action": action, "filter": filters})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def test_an_operation_is_about_what_the_filter_finds_now(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    queued, running = await deployed.queued(services, maths), await deployed.running(services, maths)
    await deployed.completed(services, maths)
    await deployed.queued(services, maths, "add")
    begun = await begin(api, "cancel", task="maths/square")
    assert (begun["matched"], begun["done"], begun["failed"], begun["status"]) == (2, 0, 0, "running")
    assert (begun["filter"], begun["isLimited"]) == ({"task": "maths/square"}, False)
    stored = await services.operations.get(begun["id"])
    assert await services.operations.next_runs(stored, 10) == [running.id, queued.id]


@pytest.mark.parametrize(
    "filters",
    [
        {"status": "completed"},
        {"status": ["completed"], "workflow": "maths", "rootsOnly": True},
        {"task": "square", "createdAfter": "2000-01-01T00:00:00Z"},
    ],
)
async def test_filters_are_those_of_the_list(
    api: httpx.AsyncClient, services: Services, maths: Version, filters: dict[str, Any]
) -> None:
    await deployed.completed(services, maths)
    await deployed.queued(services, maths)
    assert (await begin(api, "rerun", **filters))["matched"] == 1


async def test_more_than_an_operation_may_be_about_are_left_alone_and_that_is_said(
    api: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RUNS_LIMIT", 2)
    for _ in range(3):
        await deployed.queued(services, maths)
    begun = await begin(api, "cancel", workflow="maths")
    assert (begun["matched"], begun["isLimited"]) == (2, True)


async def test_operations_are_listed_and_looked_at(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    first, second = [await begin(api, "cancel", workflow="maths") for _ in range(2)]
    assert (await api.get(f"/v1/operations/{first['id']}")).json() == first
    listed = (await api.get("/v1/operations")).json()
    assert [one["operation"]["id"] for one in listed] == [second["id"], first["id"]]
    (rest,) = (await api.get(f"/v1/operations?cursor={second['id']}")).json()
    assert rest["operation"] == first


async def test_an_operation_is_stopped_once(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    begun = await begin(api, "cancel", workflow="maths")
    assert (await api.delete(f"/v1/operations/{begun['id']}")).status_code == 204
    assert (await api.get(f"/v1/operations/{begun['id']}")).json()["status"] == "stopped"
    again = await api.delete(f"/v1/operations/{begun['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "already_ended")


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"action": "delete", "filter": {"status": "failed"}}, 400, "action"),
        ({"action": "cancel"}, 400, "filter"),
        ({"action": "cancel", "filter": {}}, 400, "filter is empty"),
        ({"action": "cancel", "filter": {"status": []}}, 400, "filter is empty"),
        ({"action": "cancel", "filter": {"statsu": "failed"}}, 400, "filter has no statsu"),
        ({"action": "cancel", "filter": {"limit": 3}}, 400, "filter has no limit"),
        ({"action": "cancel", "filter": {"status": "done"}}, 400, "it is one of pending"),
        ({"action": "cancel", "filter": {"workflow": "nowhere"}}, 404, "there is no workflow 'nowhere'"),
    ],
)
async def test_what_could_be_about_other_runs_than_meant_is_refused(
    api: httpx.AsyncClient, services: Services, maths: Version, body: Any, status: int, says: str
) -> None:
    answer = await api.post("/v1/operations", json=body)
    assert answer.status_code == status
    assert says in answer.json()["message"]
    assert await services.operations.all() == []


async def test_an_unknown_operation_is_named(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/operations/opr-00000000000000000000")
    assert (answer.status_code, answer.json()["message"]) == (404, "there is no operation opr-00000000000000000000")
