"""POST /v1/task-runs/{id}/rerun."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version
from orchestrator.store.removal import Removal
from tests.api.support import deployed


async def rerun(api: httpx.AsyncClient, run_id: str, **body: Any) -> httpx.Response:
    return await api.post(f"/v1/task-runs/{run_id}/rerun", json=body)


async def test_a_rerun_is_a_new_root_with_the_same_input(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.completed(services, maths, input_json='[2,"é"]')
    answer = await rerun(api, run.id)
    new = answer.json()
    assert (answer.status_code, new["status"], new["rerunOf"]) == (202, "pending", run.id)
    assert (new["parentTaskRunId"], new["rootTaskRunId"]) == ("", new["id"])
    stored = await services.runs.get_stored(new["id"])
    assert (stored.input, stored.run.version_id, stored.run.task) == ('[2,"é"]', maths.id, "square")
    assert (await services.runs.get(run.id)).status == "completed"


async def test_a_rerun_without_a_body_is_as_it_was(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await deployed.completed(services, maths)
    assert (await api.post(f"/v1/task-runs/{run.id}/rerun")).json()["rerunOf"] == run.id


async def test_a_chained_run_is_done_again_as_a_root(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    child = await deployed.child(services, await deployed.running(services, maths), maths)
    new = (await rerun(api, child.id)).json()
    assert (new["parentTaskRunId"], new["rootTaskRunId"], new["rerunOf"]) == ("", new["id"], child.id)


async def test_a_rerun_may_have_another_input(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await deployed.completed(services, maths)
    new = (await rerun(api, run.id, input={"a": 5})).json()
    assert (await services.runs.get_stored(new["id"])).input == '{"a":5}'


async def test_an_input_that_the_task_does_not_take_is_refused(api: httpx.AsyncClient, services: Services) -> None:
    version = await deployed.ready(services, "maths", deployed.POWER)
    run = await deployed.queued(services, version, "power", '{"a":1,"b":2}')
    answer = await rerun(api, run.id, input=[2])
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_arguments")
    assert "'b' is missing" in answer.json()["message"]


async def test_a_value_that_the_task_s_schema_does_not_take_is_refused_as_at_a_submit(
    api: httpx.AsyncClient, services: Services
) -> None:
    parameter = {"name": "size", "kind": "positional_or_keyword", "schema": {"type": "integer"}, "is_checked": True}
    version = await deployed.ready(
        services, "shop", {"name": "ship", "signature": "ship(size)", "parameters": [parameter]}
    )
    run = await deployed.queued(services, version, "ship")
    answer = await api.post(f"/v1/task-runs/{run.id}/rerun", json={"input": ["large"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_arguments")
    assert "argument 'size'" in answer.json()["message"]


async def test_a_rerun_is_on_the_runs_own_version_unless_the_current_one_is_asked_for(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.completed(services, maths)
    newer = await deployed.ready(services, "maths", deployed.SQUARE)
    assert (await rerun(api, run.id)).json()["workflowVersionId"] == maths.id
    assert (await rerun(api, run.id, version="same")).json()["workflowVersionId"] == maths.id
    assert (await rerun(api, run.id, version="current")).json()["workflowVersionId"] == newer.id


async def test_a_rerun_on_a_version_that_was_removed_is_refused_with_what_to_do(
    api: httpx.AsyncClient, services: Services, maths: Version, store: Any
) -> None:
    run = await deployed.completed(services, maths)
    newer = await deployed.ready(services, "maths", deployed.SQUARE)
    assert await Removal(store).remove_version(maths, now_ms=deployed.now_ms())
    for is_known in (True, False):  # the removal was not heard of, or was
        if not is_known:
            services.workflows.forget(maths.id)
        answer = await rerun(api, run.id)
        assert (answer.status_code, answer.json()["code"]) == (409, "version_gone")
        assert f"its version {maths.id} was removed" in answer.json()["message"]
        assert "--current" in answer.json()["message"]
    assert (await rerun(api, run.id, version="current")).json()["workflowVersionId"] == newer.id


async def test_a_rerun_of_what_the_current_version_has_not_is_refused(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.completed(services, maths)
    await deployed.ready(services, "maths", deployed.ADD)
    answer = await rerun(api, run.id, version="current")
    assert answer.status_code == 409
    assert "workflow 'maths' has no task 'square'" in answer.json()["message"]


async def test_a_repeated_key_makes_one_run(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await deployed.completed(services, maths)
    first, second = [await rerun(api, run.id, idempotencyKey="once") for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert await services.runs.queue.length() == 1


async def test_each_request_without_a_key_makes_a_run(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.completed(services, maths)
    assert (await rerun(api, run.id)).json()["id"] != (await rerun(api, run.id)).json()["id"]


async def test_a_run_that_is_not_kept_cannot_be_done_again(api: httpx.AsyncClient) -> None:
    answer = await rerun(api, "trn-00000000000000000000")
    assert answer.status_code == 404
    assert "finished runs are kept for 30 days" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "says"), [({"version": "v1"}, "version must be same"), ({"input": 3}, "input is 3: give a list")]
)
async def test_what_makes_no_sense_is_refused(
    api: httpx.AsyncClient, services: Services, maths: Version, body: Any, says: str
) -> None:
    run = await deployed.completed(services, maths)
    answer = await rerun(api, run.id, **body)
    assert answer.status_code == 400
    assert says in answer.json()["message"]


async def test_a_rerun_has_as_much_time_as_the_run_was_given(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    asked = {"task": "maths/square", "input": [1], "queueTimeoutSeconds": 7, "deadlineSeconds": 60}
    run_id = (await api.post("/v1/task-runs", json=asked)).json()["id"]
    new = await services.runs.get((await rerun(api, run_id)).json()["id"])
    assert (new.queue_ttl_s, (new.expires_at_ms or 0) - new.created_at_ms) == (7, 60_000)
