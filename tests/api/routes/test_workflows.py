"""Workflows, their tasks and versions."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.run import Status
from orchestrator.core.workflow import Version, VersionStatus
from tests.api.support import deployed


async def names(api: httpx.AsyncClient, path: str, item: str, field: str = "name") -> list[str]:
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    return [one[item][field] for one in answer.json()]


async def test_a_task_shows_its_settings_with_every_default_resolved(api: httpx.AsyncClient, maths: Version) -> None:
    square = (await api.get(f"/v1/tasks/{maths.tasks[0].id}")).json()
    assert (square["slug"], square["plan"], square["timeoutSeconds"]) == ("maths/square", "starter", 60)
    assert square["retry"] == {"maxRetries": 1, "waitDurationMs": 500, "backoffScaling": 1.5}
    assert square["parameters"] == [{"name": "a", "hasDefault": True, "type": "int", "default": "3"}]
    add = (await api.get("/v1/tasks/maths/add")).json()
    assert (add["plan"], add["timeoutSeconds"], add["parameters"]) == ("standard", 7200, [])
    assert add["retry"] == {"maxRetries": 3, "waitDurationMs": 1000, "backoffScaling": 2.0}


async def test_a_task_shows_what_its_parameters_take(api: httpx.AsyncClient, services: Services) -> None:
    schema = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None}
    parameter = {"name": "on", "kind": "keyword_only", "has_default": True, "schema": schema}
    version = await deployed.ready(
        services, "dates", {"name": "show", "parameters": [parameter], "signature": "show(*, on=None)"}
    )
    show = (await api.get(f"/v1/tasks/{version.tasks[0].id}")).json()
    assert show["parameters"] == [{"name": "on", "hasDefault": True, "kind": "keyword_only", "schema": schema}]
    assert show["signature"] == "show(*, on=None)"


async def test_tasks_are_those_of_the_versions_that_serve(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    newer = await deployed.ready(services, "maths", {"name": "cube"})
    await deployed.ready(services, "other", deployed.SQUARE)
    assert sorted(await names(api, "/v1/tasks", "task", "slug")) == ["maths/cube", "other/square"]
    found = {
        f"workflowVersionId={maths.id}": ["maths/add", "maths/square"],
        "workflowId=maths": ["maths/cube"],
        f"workflowID={newer.workflow_id}": ["maths/cube"],
        "taskSlug=other/square": ["other/square"],
        "taskSlug=square": ["other/square"],
        "workflowVersionId=wfv-9": [],
    }
    assert {query: sorted(await names(api, f"/v1/tasks?{query}", "task", "slug")) for query in found} == found


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


async def test_versions_are_listed_newest_first(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    newer = await deployed.building(services, "maths")
    other = await deployed.building(services, "other")
    path = "/v1/workflowversions"
    assert await names(api, path, "workflowVersion", "id") == [other.id, newer.id, maths.id]
    assert await names(api, f"{path}?workflowID=maths", "workflowVersion") == ["v2", "v1"]
    assert await names(api, f"{path}?workflowId={maths.workflow_id}&limit=1", "workflowVersion") == ["v2"]
    assert await names(api, f"{path}?workflowVersionId={maths.id}", "workflowVersion", "status") == ["ready"]


async def test_a_failed_version_says_why_and_no_version_shows_its_environment(
    api: httpx.AsyncClient, services: Services
) -> None:
    version = await deployed.building(services, "maths")
    failed = replace(version, status=VersionStatus.BUILD_FAILED, error="no matching distribution")
    await services.workflows.save(failed)
    answer = await api.get(f"/v1/workflowversions/{version.id}")
    assert (answer.json()["status"], answer.json()["error"]) == ("build_failed", "no matching distribution")
    assert "secret" not in answer.text


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
