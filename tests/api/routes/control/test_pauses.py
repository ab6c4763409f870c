"""Pausing over HTTP."""

from __future__ import annotations

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version
from tests.api.support import deployed


async def test_a_workflow_is_paused_and_resumed(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    paused = (await api.post("/v1/workflows/maths/pause", json={"reason": "moving"})).json()
    assert paused["pauseReason"] == "moving"
    assert (await api.get("/v1/workflows/maths")).json() == paused
    assert (await api.get("/v1/workflows")).json()[0]["workflow"]["pausedAt"] == paused["pausedAt"]
    assert (await api.patch("/v1/workflows/maths", json={"name": "Maths"})).json()["pausedAt"] == paused["pausedAt"]
    await deployed.queued(services, maths)
    assert (await services.runs.queue.head(10)).runs == []
    resumed = (await api.post("/v1/workflows/maths/resume")).json()
    assert not {"pausedAt", "pauseReason"} & resumed.keys()
    assert len((await services.runs.queue.head(10)).runs) == 1


@pytest.mark.parametrize("how", ["name", "id"])
async def test_a_task_is_paused_in_all_versions(
    api: httpx.AsyncClient, services: Services, maths: Version, how: str
) -> None:
    task = "maths/square" if how == "name" else maths.tasks[0].id
    paused = (await api.post(f"/v1/tasks/{task}/pause")).json()
    assert "pausedAt" in paused
    assert "pauseReason" not in paused
    await deployed.ready(services, "maths", deployed.SQUARE, deployed.ADD)
    assert (await api.get("/v1/tasks/maths/square")).json()["pausedAt"] == paused["pausedAt"]
    listed = {one["task"]["name"]: one["task"].get("pausedAt") for one in (await api.get("/v1/tasks")).json()}
    assert listed == {"square": paused["pausedAt"], "add": None}
    await deployed.queued(services, maths)
    add = await deployed.queued(services, maths, "add")
    assert [run.run_id for run in (await services.runs.queue.head(10)).runs] == [add.id]
    assert "pausedAt" not in (await api.post(f"/v1/tasks/{task}/resume")).json()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("workflows/nowhere/pause", "there is no workflow 'nowhere'"),
        ("workflows/nowhere/resume", "there is no workflow 'nowhere'"),
        ("tasks/maths/cube/pause", "has no task 'cube'"),
        ("tasks/tsk-00000000000000000000/resume", "there is no task tsk-0"),
    ],
)
async def test_only_what_is_there_can_be_paused(api: httpx.AsyncClient, maths: Version, path: str, says: str) -> None:
    answer = await api.post(f"/v1/{path}")
    assert answer.status_code == 404
    assert says in answer.json()["message"]


async def test_a_deleted_workflow_is_not_paused_when_it_is_made_again(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    await api.post("/v1/workflows/maths/pause")
    await api.post("/v1/tasks/maths/square/pause")
    await api.delete("/v1/workflows/maths")
    assert await services.pauses.all() == {}


async def test_a_reason_is_text_of_some_length(api: httpx.AsyncClient, maths: Version) -> None:
    assert (await api.post("/v1/workflows/maths/pause", json={"reason": "x" * 501})).status_code == 400
