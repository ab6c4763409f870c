from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version, VersionStatus
from orchestrator.store.connection import Client
from orchestrator.store.removal import Removal
from orchestrator.store.workflows.builds import Stop
from orchestrator.store.workflows.store import Unknown
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


async def test_an_earlier_version_serves_again_and_the_next_deploy_takes_over(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    newer = await deployed.ready(services, "maths", deployed.SQUARE)
    answer = await api.post(f"/v1/workflowversions/{maths.id}/serve")
    assert (answer.status_code, answer.json()["workflowVersionId"]) == (200, maths.id)
    assert (await services.workflows.resolve("maths/square"))[0].id == maths.id
    assert (await services.workflows.version(newer.id)).status is VersionStatus.READY
    newest = await deployed.ready(services, "maths", deployed.SQUARE)
    assert (await services.workflows.resolve("maths/square"))[0].id == newest.id


async def test_a_version_that_is_not_ready_cannot_serve(api: httpx.AsyncClient, services: Services) -> None:
    version = await deployed.building(services, "maths")
    answer = await api.post(f"/v1/workflowversions/{version.id}/serve")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")


async def test_a_version_that_was_removed_meanwhile_does_not_come_to_serve(
    services: Services, maths: Version, store: Client
) -> None:
    newer = await deployed.ready(services, "maths", deployed.SQUARE)
    assert await Removal(store).remove_version(maths, now_ms=deployed.now_ms())
    with pytest.raises(Unknown):
        await services.workflows.serve(maths, now_ms=deployed.now_ms())
    assert (await services.workflows.get("maths")).version_id == newer.id
