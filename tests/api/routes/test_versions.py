from __future__ import annotations

import httpx

from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version
from orchestrator.store.builds import Stop
from tests.api import deployed


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
