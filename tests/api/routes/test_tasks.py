from __future__ import annotations

import httpx

from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version
from tests.api.support import deployed
from tests.api.support.lists import names


async def test_a_task_shows_its_settings_with_every_default_resolved(api: httpx.AsyncClient, maths: Version) -> None:
    square = (await api.get(f"/v1/tasks/{maths.tasks[0].id}")).json()
    assert (square["slug"], square["plan"], square["timeoutSeconds"]) == ("maths/square", "starter", 60)
    assert square["retry"] == {"maxRetries": 1, "waitDurationMs": 500, "backoffScaling": 1.5}
    assert square["parameters"] == [{"name": "a", "hasDefault": True, "type": "int", "default": "3"}]
    assert (square["warm"], square["warmMin"]) == ("off", 0)
    add = (await api.get("/v1/tasks/maths/add")).json()
    assert (add["warm"], add["warmMin"]) == ("imported", 0)
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
