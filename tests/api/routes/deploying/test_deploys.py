"""POST /v1/deploys."""

from __future__ import annotations

import base64
import gzip
import random
from typing import Any

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.plans import MIB

ARCHIVE = base64.b64encode(gzip.compress(b"a tar")).decode()


async def deploy(api: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    body = {"name": "My Maths!", "archive": ARCHIVE, **changes}
    return await api.post("/v1/deploys", json={name: value for name, value in body.items() if value is not None})


async def test_a_deploy_makes_a_workflow_and_a_version_to_be_built(api: httpx.AsyncClient, services: Services) -> None:
    answer = await deploy(api, startCommand="app.py", rootDir="sub", source="/home/me/maths", env={"TOKEN": "hidden"})
    assert answer.status_code == 202
    workflow, version = answer.json()["workflow"], answer.json()["workflowVersion"]
    assert (workflow["slug"], workflow["runCommand"]) == ("my-maths", "app.py")
    assert workflow["buildConfig"]["repo"] == "/home/me/maths"
    assert "workflowVersionId" not in workflow
    assert (version["status"], version["number"], version["workflowId"]) == ("created", 1, workflow["id"])
    assert "hidden" not in answer.text
    assert (await services.workflows.version(version["id"])).env == {"TOKEN": "hidden"}
    assert await services.workflows.builds.next(timeout_s=1) == version["id"]
    assert await _stored(services, version["id"]) == base64.b64decode(ARCHIVE)


async def _stored(services: Services, version_id: str) -> bytes:
    return b"".join([piece async for piece in services.workflows.builds.archive(version_id)])


async def test_what_was_uploaded_before_is_deployed_once(api: httpx.AsyncClient, services: Services) -> None:
    packed = gzip.compress(random.Random(1).randbytes(3 * MIB))
    sent = await api.post("/v1/sources", content=packed, headers={"Content-Type": "application/gzip"})
    upload = sent.json()["id"]
    answer = await deploy(api, archive=None, upload=upload)
    assert (sent.status_code, answer.status_code) == (201, 202)
    assert await _stored(services, answer.json()["workflowVersion"]["id"]) == packed
    again = await deploy(api, archive=None, upload=upload)
    assert (again.status_code, again.json()["message"]) == (
        400,
        f"there is no upload {upload}: each is there for one deploy, within ten minutes",
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (None, None),
        ("none", ()),
        ([], ()),
        ("internet", ("internet",)),
        (["DB.lan", "10.1.2.3"], ("10.1.2.3/32", "db.lan")),
    ],
)
async def test_a_deploy_may_say_where_runs_go(
    api: httpx.AsyncClient, services: Services, said: Any, kept: tuple[str, ...] | None
) -> None:
    version = (await deploy(api, network=said)).json()["workflowVersion"]
    source = (await services.workflows.version(version["id"])).source
    assert source is not None
    assert source.network == kept


@pytest.mark.parametrize(
    ("said", "problem"), [("everywhere", "it must be 'internet'"), (["http://a"], "neither a host's")]
)
async def test_places_that_are_none_are_refused(api: httpx.AsyncClient, said: Any, problem: str) -> None:
    answer = await deploy(api, network=said)
    assert (answer.status_code, problem in answer.json()["message"]) == (400, True)


async def test_the_new_version_is_first_in_the_list_at_once(api: httpx.AsyncClient) -> None:
    await deploy(api)
    second = (await deploy(api)).json()["workflowVersion"]
    newest = (await api.get("/v1/workflowversions?limit=1")).json()[0]["workflowVersion"]
    assert newest == second
    assert newest["number"] == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": None}, "name: Field required"),
        ({"name": "!!!"}, "leaves no usable name"),
        ({"name": 7}, "name: "),
        ({"archive": None}, "neither archive nor repo"),
        ({"archive": "?"}, "archive is not base64"),
        ({"archive": "é"}, "archive is not base64"),
        ({"archive": base64.b64encode(b"a zip").decode()}, "archive is not a tar.gz"),
        ({"env": {"1A": "x"}}, "'1A' is no name of a variable"),
        ({"env": {"": "x"}}, "'' is no name of a variable"),
        ({"env": {"ORCHESTRATOR_MODE": "x"}}, "ORCHESTRATOR_MODE is reserved"),
        ({"env": {"RENDER_SDK_MODE": "x"}}, "RENDER_SDK_MODE is reserved"),
        ({"env": {"A": "a\0b"}}, "the value of A has characters"),
        ({"env": {"A": 1}}, "env.A: "),
        ({"env": []}, "env: "),
        ({"buildEnv": {"BUILDKIT_SYNTAX": "evil/frontend"}}, "BUILDKIT_SYNTAX tells the builder itself"),
        ({"startCommand": "a\0b"}, "startCommand has characters"),
    ],
)
async def test_a_bad_deploy_is_refused_with_what_is_wrong(
    api: httpx.AsyncClient, changes: dict[str, Any], says: str
) -> None:
    answer = await deploy(api, **changes)
    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert (await api.get("/v1/workflows")).json() == []


async def test_a_variable_that_is_too_long_is_refused(api: httpx.AsyncClient) -> None:
    answer = await deploy(api, env={"A": "x" * 100_000})
    assert answer.status_code == 400
    assert "the value of A has 100,000 bytes" in answer.json()["message"]


async def test_an_archive_that_is_too_large_is_refused_unread(api: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": str(100 * 1024 * 1024)}
    answer = await api.post("/v1/deploys", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
