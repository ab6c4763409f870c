"""Workflows made of repos, changed, and released."""

from __future__ import annotations

import dataclasses
from typing import Any

import httpx
import pytest

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version
from tests.api.conftest import KEY, client

BUILD = {
    "repo": "https://localhost/r.git",
    "branch": "b",
    "rootDir": "app",
    "buildCommand": "make",
    "runtime": "python",
}
VARIABLES = [{"key": "A", "value": "1"}, {"key": "B", "generateValue": True}]
WORKFLOW: dict[str, Any] = {"name": "My Flow", "ownerId": "tea-1", "region": "ohio", "runCommand": "python main.py"}
WORKFLOW |= {"buildConfig": BUILD, "autoDeployTrigger": "commit", "environmentId": "evm-1", "envVars": VARIABLES}


async def newest(api: httpx.AsyncClient, workflow_id: str) -> dict[str, Any]:
    found = (await api.get("/v1/workflowversions", params={"workflowID": workflow_id, "limit": 1})).json()
    return dict(found[0]["workflowVersion"])


async def test_a_new_workflow_shows_what_it_was_given_and_is_built_next(
    api: httpx.AsyncClient, services: Services
) -> None:
    made = (await api.post("/v1/workflows", json=WORKFLOW)).json()
    shown = {name: value for name, value in WORKFLOW.items() if name != "envVars"}
    assert made.items() >= {**shown, "slug": "my-flow"}.items()
    assert made == (await api.get("/v1/workflows/my-flow")).json()
    version = await services.workflows.version((await newest(api, made["id"]))["id"])
    assert (version.env["A"], len(version.env["B"])) == ("1", 43)
    assert await services.workflows.builds.next(timeout_s=0.1) == version.id


async def test_a_name_that_is_taken_is_a_conflict(api: httpx.AsyncClient) -> None:
    await api.post("/v1/workflows", json=WORKFLOW)
    answer = await api.post("/v1/workflows", json={**WORKFLOW, "name": "my flow"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")


async def test_a_patch_changes_what_it_names(api: httpx.AsyncClient) -> None:
    made = (await api.post("/v1/workflows", json=WORKFLOW)).json()
    patch = {"name": "New name", "buildConfig": {"branch": "c", "rootDir": ""}, "autoDeployTrigger": "off"}
    changed = (await api.patch(f"/v1/workflows/{made['id']}", json=patch)).json()
    build = {**BUILD, "branch": "c"}
    del build["rootDir"]
    expected = {**made, "name": "New name", "buildConfig": build, "autoDeployTrigger": "off"}
    assert changed == {**expected, "updatedAt": changed["updatedAt"]}
    assert changed == (await api.get("/v1/workflows/my-flow")).json()


async def test_a_released_version_is_the_newest_when_the_empty_answer_comes(
    api: httpx.AsyncClient, services: Services
) -> None:
    made = (await api.post("/v1/workflows", json=WORKFLOW)).json()
    await api.patch(f"/v1/workflows/{made['id']}", json={"runCommand": "python app.py"})
    for commit in ("1" * 40, None):
        answer = await api.post("/v1/workflowversions", json={"workflowId": made["id"], "commit": commit})
        assert (answer.status_code, answer.content) == (202, b"")
        version = await newest(api, made["id"])
        assert (version["status"], version.get("commit")) == ("created", commit)
    stored = await services.workflows.version(version["id"])
    assert stored.start_command == "python app.py"
    assert stored.source is not None
    assert (stored.source.branch, stored.number) == ("b", 3)


async def test_what_was_uploaded_cannot_be_released_without_a_repo(api: httpx.AsyncClient, maths: Version) -> None:
    answer = await api.post("/v1/workflowversions", json={"workflowId": maths.workflow_id})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_repo")
    await api.patch("/v1/workflows/maths", json={"buildConfig": {"repo": "git@localhost:r.git"}})
    assert (await api.post("/v1/workflowversions", json={"workflowId": maths.workflow_id})).status_code == 202


@pytest.mark.parametrize(
    ("build", "says"),
    [
        ({"repo": "r"}, "no Git URL"),
        ({"repo": "ext::sh -c id"}, "no Git URL"),
        ({"repo": "--upload-pack=id"}, "characters"),
        ({"repo": "https://me:secret@localhost/r.git"}, "password"),
        ({"branch": "--all"}, "no name of a branch"),
        ({"rootDir": "../.."}, "leads out of the repo"),
        ({"runtime": "cobol"}, "buildConfig.runtime"),
    ],
)
async def test_a_repo_that_cannot_be_meant_is_refused(api: httpx.AsyncClient, build: dict[str, str], says: str) -> None:
    answer = await api.post("/v1/workflows", json={**WORKFLOW, "buildConfig": {**BUILD, **build}})
    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("commit", ["abc", "HEAD", "--all"])
async def test_a_commit_is_named_in_full(api: httpx.AsyncClient, commit: str) -> None:
    made = (await api.post("/v1/workflows", json=WORKFLOW)).json()
    answer = await api.post("/v1/workflowversions", json={"workflowId": made["id"], "commit": commit})
    assert (answer.status_code, "40 digits" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    ("host", "key", "status"), [("127.0.0.1", KEY, 201), ("0.0.0.0", KEY, 400), ("127.0.0.1", None, 400)]
)
async def test_the_orchestrators_disk_is_read_only_for_who_is_on_its_host_and_has_the_key(
    services: Services, host: str, key: str | None, status: int
) -> None:
    app = create_app(dataclasses.replace(services, host=host, api_key=key))
    async with client(app, {"Authorization": f"Bearer {KEY}"}) as api:
        for repo in ("file:///srv/r.git", "/srv/r.git"):
            build = {**BUILD, "repo": repo}
            answer = await api.post("/v1/workflows", json={**WORKFLOW, "name": repo, "buildConfig": build})
            assert answer.status_code == status
        await api.delete("/v1/workflows/file-srv-r-git")
        deploy = {"name": "d", "repo": "/srv/r.git"}
        assert (await api.post("/v1/deploys", json=deploy)).status_code == (202 if status == 201 else 400)
