"""What a request means is remembered, and never trusted when the workflow may have changed since."""

from __future__ import annotations

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.api.targets import Targets
from orchestrator.core.workflow import Version
from tests.api.support import deployed
from tests.api.support.deployed import ADD, SQUARE

FOUR = {
    "name": "square",
    "signature": "square(a, b, c, d)",
    "parameters": [{"name": name, "kind": "positional_or_keyword", "has_default": False} for name in "abcd"],
}


async def submitted(api: httpx.AsyncClient, given: list[int]) -> httpx.Response:
    return await api.post("/v1/task-runs", json={"task": "maths/square", "input": given})


async def test_a_target_is_read_once(services: Services, maths: Version) -> None:
    targets = Targets(services.workflows)
    found = await targets.find("maths/square")
    await services.workflows.delete(await services.workflows.get("maths"))
    assert await targets.find("maths/square") is found
    assert found.version == maths


async def test_one_that_names_its_version_is_not_remembered(services: Services, maths: Version) -> None:
    targets = Targets(services.workflows)
    assert (await targets.find("maths/square:1")).digest == ""
    await services.workflows.delete(await services.workflows.get("maths"))
    with pytest.raises(LookupError):
        await targets.find("maths/square:1")


async def test_a_deploy_by_anybody_is_seen_by_the_next_request(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    assert (await submitted(api, [2])).json()["workflowVersionId"] == maths.id
    newer = await deployed.ready(services, "maths", SQUARE, ADD)
    assert (await submitted(api, [2])).json()["workflowVersionId"] == newer.id


async def test_an_input_is_judged_by_the_version_that_serves_now(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    assert (await submitted(api, [2])).status_code == 202
    await deployed.ready(services, "maths", FOUR)
    assert (await submitted(api, [1, 2, 3, 4])).status_code == 202
    refused = await submitted(api, [2, 3, 4])
    assert refused.status_code == 400
    assert "'d' is missing" in refused.json()["message"]


async def test_a_workflow_that_was_deleted_takes_no_more_runs(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    assert (await submitted(api, [2])).status_code == 202
    await services.workflows.delete(await services.workflows.get("maths"))
    assert (await submitted(api, [2])).status_code == 404
