"""Workflows, and what all lists have in common."""

from __future__ import annotations

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.runs.run import Status
from orchestrator.core.workflow import Version
from tests.api.support import deployed
from tests.api.support.lists import names


@pytest.mark.parametrize("path", ["tasks", "workflows", "workflowversions"])
async def test_cursors_lead_through_every_list(api: httpx.AsyncClient, services: Services, path: str) -> None:
    for slug in ("one", "two", "three"):
        await deployed.ready(services, slug, deployed.SQUARE)
    whole, found, cursor = (await api.get(f"/v1/{path}")).json(), [], ""
    assert len(whole) == 3
    while page := (await api.get(f"/v1/{path}?limit=1{cursor}")).json():
        found += page
        cursor = f"&cursor={page[-1]['cursor']}"
    assert found == whole


@pytest.mark.parametrize("path", ["tasks", "workflows", "workflowversions"])
async def test_a_cursor_of_no_list_is_refused(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(f"/v1/{path}?cursor=abc")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("path", ["tasks/tsk-9", "workflows/nothing", "workflowversions/wfv-9"])
async def test_what_does_not_exist_is_named(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(f"/v1/{path}")
    assert answer.status_code == 404
    assert path.split("/")[1] in answer.json()["message"]


async def test_a_workflow_is_found_by_id_and_slug(api: httpx.AsyncClient, maths: Version) -> None:
    workflow = (await api.get("/v1/workflows/maths")).json()
    assert workflow == (await api.get(f"/v1/workflows/{maths.workflow_id}")).json()
    assert (workflow["slug"], workflow["runCommand"]) == ("maths", "main.py")
    assert workflow["buildConfig"] == {"buildCommand": "", "repo": "/src", "runtime": "python", "rootDir": "app"}
    assert workflow["workflowVersionId"] == maths.id


async def test_workflows_are_chosen_by_name_and_id(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    await deployed.ready(services, "other", deployed.SQUARE)
    assert await names(api, "/v1/workflows", "workflow") == ["other", "maths"]
    assert await names(api, "/v1/workflows?name=maths", "workflow") == ["maths"]
    for name in ("workflowID", "workflowId"):
        assert await names(api, f"/v1/workflows?{name}={maths.workflow_id}", "workflow") == ["maths"]


async def test_a_deleted_workflow_is_gone_and_its_runs_are_canceled_but_readable(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    other = await deployed.ready(services, "other", deployed.SQUARE)
    waiting, running, done = (
        await deployed.queued(services, maths),
        await deployed.running(services, maths),
        await deployed.completed(services, maths),
    )
    elsewhere = await deployed.queued(services, other)
    assert (await api.delete("/v1/workflows/maths")).status_code == 204
    assert (await api.get("/v1/workflows/maths")).status_code == 404
    statuses = [(await services.runs.get(run.id)).status for run in (waiting, running, done, elsewhere)]
    assert statuses == [Status.CANCELED, Status.STOPPING, Status.COMPLETED, Status.QUEUED]
    details = (await api.get(f"/v1/task-runs/{done.id}")).json()
    assert "taskSlug" not in details
    assert len((await api.get(f"/v1/task-runs?workflowId={maths.workflow_id}")).json()) == 3


async def test_deleting_an_unknown_workflow_names_it(api: httpx.AsyncClient) -> None:
    assert (await api.delete("/v1/workflows/nothing")).status_code == 404
