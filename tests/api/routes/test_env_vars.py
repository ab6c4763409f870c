"""Variables of workflows: values go in, and never out."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version
from tests.api.routes.deploying.test_deploys import deploy

PATH = "/v1/services/maths/env-vars"


async def names(api: httpx.AsyncClient, path: str = PATH) -> list[str]:
    return [one["envVar"]["key"] for one in (await api.get(path)).json()]


async def env(services: Services) -> dict[str, str]:
    return dict((await services.workflows.get("maths")).env)


async def test_all_are_replaced_and_none_is_shown(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    answer = await api.put(PATH, json=[{"key": "TOKEN", "value": "hidden"}, {"key": "SALT", "generateValue": True}])
    assert answer.status_code == 200
    assert [one["envVar"]["key"] for one in answer.json()] == ["SALT", "TOKEN"]
    found = await env(services)
    assert (found["TOKEN"], len(found["SALT"])) == ("hidden", 43)
    for path in (PATH, f"{PATH}/TOKEN", "/v1/workflows/maths", "/v1/workflowversions"):
        assert "hidden" not in (await api.get(path)).text


async def test_some_are_added_in_one_step(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    answer = await api.patch(PATH, json=[{"key": "B", "value": "2"}, {"key": "C", "value": ""}])
    assert [one["envVar"]["key"] for one in answer.json()] == ["B", "C"]
    assert await env(services) == {"A": "secret", "B": "2", "C": ""}
    assert (await services.workflows.get("maths")).env_revision == 2


async def test_one_is_set_looked_at_and_unset(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    answer = await api.put(f"{PATH}/TOKEN", json={"value": "hidden"})
    assert answer.json()["key"] == "TOKEN"
    assert answer.json() == (await api.get(f"{PATH}/TOKEN")).json()
    assert (await api.delete(f"{PATH}/TOKEN")).status_code == 204
    assert await env(services) == {"A": "secret"}


async def test_the_list_goes_on_where_its_cursor_is(api: httpx.AsyncClient, maths: Version) -> None:
    await api.put(PATH, json=[{"key": name, "value": ""} for name in "DBCA"])
    assert await names(api, f"{PATH}?limit=3") == ["A", "B", "C"]
    assert await names(api, f"{PATH}?limit=3&cursor=C") == ["D"]


async def test_a_version_keeps_the_set_it_was_made_with(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    await api.put(f"{PATH}/B", json={"value": "2"})
    path = "/v1/workflowversions?workflowId=maths"
    older = (await api.get(path)).json()[0]["workflowVersion"]
    await deploy(api, name="maths", env={"C": "3"})
    newer = (await api.get(path)).json()[0]["workflowVersion"]
    workflow = (await api.get("/v1/workflows/maths")).json()
    assert (older["envVarKeys"], newer["envVarKeys"]) == (["A"], ["A", "B", "C"])
    assert (older["envVarRevision"], newer["envVarRevision"], workflow["envVarRevision"]) == (1, 3, 3)


async def test_a_deploy_without_variables_keeps_those_there_are(api: httpx.AsyncClient, services: Services) -> None:
    await deploy(api, env={"TOKEN": "hidden"})
    second = (await deploy(api)).json()["workflowVersion"]
    assert (await services.workflows.version(second["id"])).env == {"TOKEN": "hidden"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([{"key": "TOKEN"}], "TOKEN has neither value nor generateValue"),
        ([{"key": "TOKEN=hidden", "value": ""}], "'TOKEN' is no name of a variable"),
        ([{"key": "ORCHESTRATOR_X", "value": "hidden"}], "reserved"),
        ([{"key": "A", "value": "hidden\0"}], "the value of A has characters"),
        ([{"key": "A", "value": ["hidden"]}], "0.value: "),
        ({"key": "A", "value": "hidden"}, "valid list"),
        ([{"value": "hidden"}], "0.key: Field required"),
    ],
)
async def test_what_cannot_be_a_variable_is_refused_without_its_value(
    api: httpx.AsyncClient, services: Services, maths: Version, body: Any, says: str
) -> None:
    for answer in (await api.put(PATH, json=body), await api.patch(PATH, json=body)):
        assert answer.status_code == 400
        assert says in answer.json()["message"]
        assert "hidden" not in answer.text
    assert await env(services) == {"A": "secret"}


@pytest.mark.parametrize(("method", "path"), [("GET", "/B"), ("DELETE", "/B")])
async def test_a_variable_that_is_not_there_is_not_found(
    api: httpx.AsyncClient, maths: Version, method: str, path: str
) -> None:
    answer = await api.request(method, PATH + path)
    assert answer.status_code == 404
    assert answer.json()["message"] == "workflow 'maths' has no variable 'B'; it has: A"


async def test_an_unknown_workflow_is_named(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/services/nothing/env-vars")
    assert answer.status_code == 404
    assert "there is no workflow 'nothing'" in answer.json()["message"]
