from __future__ import annotations

from dataclasses import replace

import httpx

from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version, VersionStatus
from orchestrator.store.workflows.builds import Stop
from tests.api.support import deployed
from tests.api.support.lists import names


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


async def test_the_build_of_a_version_on_its_way_can_be_canceled(api: httpx.AsyncClient, services: Services) -> None:
    version = await deployed.building(services, "maths")
    answer = await api.post(f"/v1/workflowversions/{version.id}/cancel")
    assert (answer.status_code, answer.json()["id"]) == (202, version.id)
    assert await services.workflows.builds.stopped([version.id]) == {version.id: Stop.CANCELED}


async def test_a_version_that_is_ready_cannot_be_canceled(api: httpx.AsyncClient, maths: Version) -> None:
    answer = await api.post(f"/v1/workflowversions/{maths.id}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_building")
    assert "is ready: there is nothing to cancel" in answer.json()["message"]


async def test_a_version_nobody_knows_cannot_be_canceled(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/workflowversions/wfv-none/cancel")).status_code == 404
