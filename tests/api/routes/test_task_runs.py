"""Runs: listed, looked at and canceled."""

from __future__ import annotations

import json
from datetime import datetime

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.logs import LogLine
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Failure, FailureClass, Status
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from tests.api.support import deployed


async def ids_of(api: httpx.AsyncClient, query: str = "") -> list[str]:
    answer = await api.get(f"/v1/task-runs{query}")
    assert answer.status_code == 200, answer.text
    return [item["taskRun"]["id"] for item in answer.json()]


@pytest.mark.parametrize(
    ("result", "results"),
    [
        ("4", [4]),
        ("[1,2]", [1, 2]),
        ("[]", []),
        ("null", [None]),
        ('{"a":null}', [{"a": None}]),
        ("[[1]]", [[1]]),
        ('"é\U0001f600"', ["é\U0001f600"]),
        ("123456789012345678901234567890", [123456789012345678901234567890]),
    ],
)
async def test_results_are_the_returned_list_or_the_one_value(
    api: httpx.AsyncClient, services: Services, maths: Version, result: str, results: list[object]
) -> None:
    run = await deployed.completed(services, maths, result)
    details = (await api.get(f"/v1/task-runs/{run.id}")).json()
    assert (details["status"], details["results"], details["input"]) == ("completed", results, [2])
    assert "error" not in details


async def test_a_completed_run_lists_its_attempt(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await deployed.completed(services, maths)
    details = (await api.get(f"/v1/task-runs/{run.id}")).json()
    (attempt,) = details["attempts"]
    assert (attempt["attempt"], attempt["status"], attempt["taskRunId"]) == (0, "completed", run.id)
    assert details["startedAt"] == attempt["startedAt"] <= attempt["completedAt"] == details["completedAt"]
    assert details["startedAt"].endswith("Z")


async def test_an_attempt_that_has_not_started_is_not_listed(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.queued(services, maths)
    await deployed.change(services, run, ev.Claimed(deployed.now_ms() + 1000))
    details = (await api.get(f"/v1/task-runs/{run.id}")).json()
    assert (details["status"], details["attempts"], details["results"]) == ("pending", [], [])
    assert "startedAt" not in details


async def test_a_run_between_attempts_is_pending_and_says_until_when(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.running(services, maths)
    await deployed.change(services, run, ev.ErrorReported(deployed.BOOM))
    details = (await api.get(f"/v1/task-runs/{run.id}")).json()
    assert (details["status"], details["attempts"][0]["status"]) == ("pending", "failed")
    assert datetime.fromisoformat(details["retryAt"]) > datetime.fromisoformat(details["createdAt"])
    assert "error" not in details


async def test_a_failed_run_has_the_message_and_the_users_traceback(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.running(services, maths)
    await deployed.change(services, run, ev.ErrorReported(deployed.BOOM), ev.BackoffElapsed())
    run = await deployed.change(services, run, ev.Claimed(deployed.now_ms() + 1000), ev.ShimReady())
    await deployed.change(services, run, ev.ErrorReported(deployed.BOOM))
    details = (await api.get(f"/v1/task-runs/{run.id}")).json()
    assert (details["status"], details["error"], details["retries"]) == ("failed", "boom", 1)
    assert details["failure"] == {
        "class": "error",
        "message": "boom",
        "type": "ValueError",
        "traceback": 'File "main.py", line 3\nValueError: boom',
    }
    assert [attempt["error"] for attempt in details["attempts"]] == ["boom", "boom"]


async def test_an_exception_without_a_message_still_gives_an_error(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.running(services, maths)
    silent = Failure(FailureClass.ERROR, "", "KeyError", retryable=False)
    await deployed.change(services, run, ev.ErrorReported(silent))
    assert (await api.get(f"/v1/task-runs/{run.id}")).json()["error"] == "KeyError"


async def test_an_exit_has_its_code(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await deployed.running(services, maths)
    killed = Failure(FailureClass.EXIT, "the process ended with exit code 3", retryable=False)
    await deployed.change(services, run, ev.ContainerExited(killed, 3))
    assert (await api.get(f"/v1/task-runs/{run.id}")).json()["attempts"][0]["exitCode"] == 3


async def test_an_unknown_run_is_named(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/task-runs/trn-9")
    assert answer.status_code == 404
    assert "there is no run trn-9 (finished runs are kept for 30 days)" in answer.json()["message"]


async def test_a_chained_run_names_its_parent(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    parent = await deployed.running(services, maths)
    child = await deployed.child(services, parent, maths)
    details = (await api.get(f"/v1/task-runs/{child.id}")).json()
    assert (details["parentTaskRunId"], details["parentTaskAttempt"]) == (parent.id, 0)
    assert details["rootTaskRunId"] == parent.id


async def test_the_list_is_newest_first_and_pages(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    runs = sorted([(await deployed.queued(services, maths)).id for _ in range(5)], reverse=True)
    first = (await api.get("/v1/task-runs?limit=2")).json()
    rest = await ids_of(api, f"?limit=100&cursor={first[-1]['cursor']}")
    assert [item["taskRun"]["id"] for item in first] + rest == runs
    assert await ids_of(api, f"?cursor={runs[-1]}") == []


async def test_a_list_has_twenty_unless_told(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    for _ in range(21):
        await deployed.queued(services, maths)
    assert len(await ids_of(api)) == 20


async def test_filters_choose(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    other = await deployed.ready(services, "other", deployed.SQUARE)
    square, add = await deployed.running(services, maths), await deployed.queued(services, maths, "add")
    elsewhere = await deployed.completed(services, other)
    child = await deployed.child(services, square, maths)
    found = {
        "?taskSlug=maths/add": {add.id},
        "?taskSlug=square": {square.id, child.id, elsewhere.id},
        "?taskSlug=maths/add&taskSlug=other/square": {add.id, elsewhere.id},
        f"?taskSlug={maths.tasks[1].id}": {add.id},
        f"?rootTaskRunId={square.id}": {square.id, child.id},
        f"?workflowId={maths.workflow_id}": {square.id, child.id, add.id},
        "?workflowID=other": {elsewhere.id},
        f"?workflowId=wfl-{'0' * 20}": set(),
        f"?rootTaskRunId=trn-{'0' * 20}": set(),
        f"?workflowVersionId={other.id}&ownerId=tea-1": {elsewhere.id},
        "?status=completed&status=running": {square.id, elsewhere.id},
        "?status=pending&taskSlug=square": {child.id},
    }
    assert {query: set(await ids_of(api, query)) for query in found} == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_limit"),
        ("limit=101", "invalid_limit"),
        ("limit=x", "invalid_limit"),
        ("cursor=abc", "invalid_cursor"),
        ("cursor=wfl-00000000000000000000", "invalid_cursor"),
        ("status=queued", "invalid_status"),
        ("rootTaskRunId=maths", "invalid_request"),
        ("workflowVersionId=wfv-1:x", "invalid_request"),
        ("taskSlug=maths/square:1", "invalid_request"),
    ],
)
async def test_a_bad_query_is_refused(api: httpx.AsyncClient, query: str, code: str) -> None:
    answer = await api.get(f"/v1/task-runs?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (
            "taskSlug=maths/sqare",
            "workflow 'maths' has no task 'sqare'; did you mean 'square'? its tasks are: add, square",
        ),
        ("taskSlug=sqare", "there is no task 'sqare'; did you mean 'square'? the tasks are: add, square"),
        ("taskSlug=tsk-9", "there is no task 'tsk-9'"),
        ("taskSlug=math/square", "there is no workflow 'math'; did you mean 'maths'? the workflows are: maths"),
        ("workflowId=math", "there is no workflow 'math'; did you mean 'maths'?"),
        ("workflowId=maths:x", "there is no workflow 'maths:x'"),
    ],
)
async def test_a_filter_that_names_nothing_is_not_found(
    api: httpx.AsyncClient, maths: Version, query: str, says: str
) -> None:
    answer = await api.get(f"/v1/task-runs?{query}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["message"].startswith(says)


async def test_a_status_that_is_none_is_refused_with_those_there_are(api: httpx.AsyncClient) -> None:
    message = (await api.get("/v1/task-runs?status=pending&status=done")).json()["message"]
    assert message == "status cannot be 'done': it is one of pending, running, completed, failed, canceled"


@pytest.mark.parametrize("suffix", [":logs:0", ":calls", "%3Alogs%3A0", ":", "%00", "%20", "*", "é"])
async def test_an_id_that_could_name_another_key_is_not_found(
    api: httpx.AsyncClient, services: Services, maths: Version, suffix: str
) -> None:
    run = await deployed.completed(services, maths)
    await services.logs.writer(keys.run_logs(run.id, 0)).append([LogLine(1, "stdout", "hello")])
    paths = [f"task-runs/{run.id}{suffix}", f"task-runs/{run.id}{suffix}/logs", f"workflowversions/{maths.id}{suffix}"]
    paths += [f"workflowversions/{maths.id}{suffix}/logs", f"workflows/{maths.workflow_id}{suffix}"]
    paths += [f"tasks/maths/square:{maths.id}{suffix}", f"task-runs/events?taskRunIds={run.id}{suffix}"]
    for path in paths:
        answer = await api.get(f"/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert (await api.delete(f"/v1/task-runs/{run.id}{suffix}")).status_code == 404
    assert (await api.delete(f"/v1/workflows/{maths.workflow_id}{suffix}")).status_code == 404


async def test_a_queued_run_is_canceled_at_once(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await deployed.queued(services, maths)
    assert (await api.delete(f"/v1/task-runs/{run.id}")).status_code == 204
    details = (await api.get(f"/v1/task-runs/{run.id}")).json()
    assert (details["status"], details["results"], details["attempts"]) == ("canceled", [], [])
    assert details["failure"]["class"] == "canceled"
    assert "error" not in details


async def test_cancel_reaches_the_whole_tree(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    parent = await deployed.running(services, maths)
    child = await deployed.child(services, parent, maths)
    assert (await api.delete(f"/v1/task-runs/{parent.id}")).status_code == 204
    assert (await services.runs.get(parent.id)).status is Status.STOPPING
    assert (await services.runs.get(child.id)).status is Status.CANCELED


async def test_a_run_being_canceled_may_be_canceled_again(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.running(services, maths)
    for _ in range(2):
        assert (await api.delete(f"/v1/task-runs/{run.id}")).status_code == 204


async def test_a_run_that_has_ended_cannot_be_canceled(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.completed(services, maths)
    answer = await api.delete(f"/v1/task-runs/{run.id}")
    assert answer.status_code == 409
    assert f"run {run.id} is completed" in answer.json()["message"]


async def test_canceling_an_unknown_run_names_it(api: httpx.AsyncClient) -> None:
    assert (await api.delete("/v1/task-runs/trn-9")).status_code == 404


async def test_a_large_result_comes_back_whole(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    value = {"text": "é" * 1_000_000}
    run = await deployed.completed(services, maths, json.dumps(value, ensure_ascii=False))
    assert (await api.get(f"/v1/task-runs/{run.id}")).json()["results"] == [value]
