"""What both clients do; each test runs with either."""

from __future__ import annotations

import inspect
import json
import tempfile
from datetime import date
from typing import Any

import httpx
import pytest

from orchestrator_sdk import AsyncClient, Client, errors
from tests.sdk.client.conftest import Server, ended, run_json

BROKEN = httpx.ReadError("reset")


def test_a_start_is_one_request(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending"))]
    run = client.start("workflow/task", [2], idempotency_key="once")
    assert (run.id, run.status, run.parent_task_run_id) == ("trn-1", "pending", None)
    assert server.paths == ["POST /v1/task-runs"]
    assert server.body() == {"task": "workflow/task", "input": [2], "idempotencyKey": "once"}
    assert server.requests[0].headers["Authorization"] == "Bearer k"
    assert server.requests[0].headers["Content-Type"] == "application/json"


def test_a_run_can_be_given_limits_to_its_waiting_and_to_its_whole_life(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending"))]
    client.start("workflow/task", [], queue_timeout_s=60, deadline_s=3600)
    assert server.body() == {"task": "workflow/task", "input": [], "queueTimeoutSeconds": 60, "deadlineSeconds": 3600}


def test_a_run_that_is_waited_for_can_be_given_the_same_limits(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending")), ended(run_json())]
    client.run("workflow/task", [], queue_timeout_s=60, deadline_s=3600, idempotency_key="once")
    limits = {"queueTimeoutSeconds": 60, "deadlineSeconds": 3600, "idempotencyKey": "once"}
    assert server.body(0) == {"task": "workflow/task", "input": [], **limits}


def test_a_run_can_be_given_tags_and_metadata(client: Any, server: Server) -> None:
    said: dict[str, Any] = {"tags": ["nightly"], "metadata": {"rows": 3}}
    server.answers = [(202, run_json(status="pending", progress={"fraction": 0.5, "message": "half"}, **said))]
    run = client.start("workflow/task", [], tags=("nightly",), metadata={"rows": 3})
    assert server.body() == {"task": "workflow/task", "input": [], **said}
    assert (run.tags, run.metadata, run.progress.fraction) == (("nightly",), {"rows": 3}, 0.5)


def test_pausing_goes_by_what_the_name_names(client: Any, server: Server) -> None:
    server.answers = [(200, {"slug": "shop"}), (200, {"name": "pay"})]
    assert client.pause("shop", "moving") == {"slug": "shop"}
    assert client.resume("shop/pay") == {"name": "pay"}
    assert server.paths == ["POST /v1/workflows/shop/pause", "POST /v1/tasks/shop%2Fpay/resume"]
    assert server.body(0) == {"reason": "moving"}


def test_a_rerun_is_one_request(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending", rerunOf="trn-0"))]
    run = client.rerun("trn-0")
    assert (run.id, run.rerun_of) == ("trn-1", "trn-0")
    assert server.paths == ["POST /v1/task-runs/trn-0/rerun"]
    assert server.body() == {"version": "same"}


def test_a_rerun_can_have_another_input_and_the_current_version(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending"))]
    client.rerun("trn-0", {"on": date(2026, 3, 4)}, version="current", idempotency_key="once")
    assert server.body() == {"version": "current", "input": {"on": "2026-03-04"}, "idempotencyKey": "once"}
    with pytest.raises(TypeError, match="the input of run trn-0"):
        client.rerun("trn-0", "text")


def test_what_json_has_no_type_for_is_sent_in_its_usual_form(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending"))]
    client.start("workflow/task", {"on": date(2026, 3, 4)})
    assert server.body() == {"task": "workflow/task", "input": {"on": "2026-03-04"}}


def test_text_that_is_no_valid_unicode_arrives_as_it_is(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending"))]
    client.start("workflow/task", ["caf\udce9.txt", "é"])
    assert server.requests[0].content.isascii()
    assert server.body()["input"] == ["caf\udce9.txt", "é"]


def test_a_name_that_is_no_valid_unicode_is_refused(client: Any, server: Server) -> None:
    with pytest.raises(errors.BadRequestError, match="no valid text"):
        list(client.list(task="caf\udce9"))
    server.answers = [(404, {"message": "there is no such run"})]
    with pytest.raises(errors.NotFoundError):
        client.get("caf\udce9")


@pytest.mark.parametrize(("given", "sent"), [((), []), ((1, 2), [1, 2]), ({"a": 1}, {"a": 1})])
def test_an_input_is_a_list_or_an_object(given: Any, sent: Any, client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending"))]
    client.start("workflow/task", given)
    assert server.body() == {"task": "workflow/task", "input": sent}


@pytest.mark.parametrize("given", [3, "text", None, [object()], [float("nan")]])
def test_an_input_that_cannot_be_sent_names_the_task(given: Any, client: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="the input of 'workflow/task'"):
        client.start("workflow/task", given)


def test_run_waits_for_the_result(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending")), ended(run_json())]
    details = client.run("workflow/task", [2])
    assert (details.results, details.input, details.error) == ([4], [2], None)
    assert server.paths == ["POST /v1/task-runs", "GET /v1/task-runs/events?taskRunIds=trn-1"]
    assert server.requests[-1].headers["Accept"] == "text/event-stream"


def test_a_failed_run_raises_what_the_task_said(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending")), ended(run_json(status="failed", error="boom"))]
    with pytest.raises(errors.TaskRunError, match="run trn-1 has failed: boom") as caught:
        client.run("workflow/task")
    assert (caught.value.run_id, caught.value.status, caught.value.message) == ("trn-1", "failed", "boom")


def test_the_error_names_the_tasks_exception(client: Any, server: Server) -> None:
    failure = {"class": "error", "message": "boom", "type": "ValueError"}
    server.answers = [ended(run_json(status="failed", error="boom", failure=failure))]
    with pytest.raises(errors.TaskRunError, match="run trn-1 has failed: ValueError: boom") as caught:
        client.wait("trn-1")
    assert (caught.value.error_type, caught.value.message) == ("ValueError", "boom")


@pytest.mark.parametrize(
    ("results", "is_list", "value"),
    [([4], False, 4), ([4], True, [4]), ([[4]], False, [4]), ([], True, []), ([], False, None)],
)
def test_the_result_is_what_the_task_returned(
    results: Any, is_list: bool, value: Any, client: Any, server: Server
) -> None:
    server.answers = [ended(run_json(results=results, resultIsList=is_list))]
    assert client.result("trn-1") == value


def test_a_canceled_run_raises_too(client: Any, server: Server) -> None:
    server.answers = [(202, run_json(status="pending")), ended(run_json(status="canceled"))]
    with pytest.raises(errors.TaskCanceledError, match="run trn-1 was canceled"):
        client.run("workflow/task")


def test_events_give_each_run_once_however_it_ended(client: Any, server: Server) -> None:
    server.answers = [
        ended(run_json("trn-2", "failed"), run_json("trn-1"), run_json("trn-1"), run_json("trn-3", "canceled"))
    ]
    events = [(run.id, run.status.value) for run in client.events(["trn-1", "trn-2", "trn-3"])]
    assert events == [("trn-2", "failed"), ("trn-1", "completed"), ("trn-3", "canceled")]
    assert server.paths == ["GET /v1/task-runs/events?taskRunIds=trn-1&taskRunIds=trn-2&taskRunIds=trn-3"]


def test_a_stream_that_ends_early_is_opened_again(client: Any, server: Server) -> None:
    server.answers = [
        ended(run_json("trn-2")),
        (200, run_json(status="running")),
        ended(run_json()),
    ]
    assert [run.id for run in client.events(["trn-1", "trn-2"])] == ["trn-2", "trn-1"]
    assert server.paths[-1] == "GET /v1/task-runs/events?taskRunIds=trn-1"


@pytest.mark.parametrize("trouble", [BROKEN, (503, {"message": "later"}), b"event: task.completed\ndata: {oops\n\n"])
def test_what_a_broken_stream_kept_back_is_asked_for(trouble: Any, client: Any, server: Server) -> None:
    server.answers = [trouble, (200, run_json())]
    assert client.wait("trn-1").results == [4]
    assert server.paths[-1] == "GET /v1/task-runs/trn-1"


def test_a_server_that_restarts_is_waited_for(client: Any, server: Server) -> None:
    refused = httpx.ConnectError("refused")
    server.answers = [BROKEN, refused, refused, refused, ended(run_json())]
    assert client.wait("trn-1").results == [4]


def test_a_wait_for_an_unknown_run_ends_at_once(client: Any, server: Server) -> None:
    server.answers = [(404, {"message": "there is no run trn-1"})]
    with pytest.raises(errors.NotFoundError, match="there is no run trn-1"):
        client.wait("trn-1")


def test_a_wait_has_an_end(client: Any, server: Server) -> None:
    server.answers = [b": ping\n\n", (200, run_json(status="running"))] * 1000
    with pytest.raises(TimeoutError, match=r"run trn-1 is not over after 0.02 s"):
        client.wait("trn-1", timeout_s=0.02)


def test_a_cancel_is_one_request(client: Any, server: Server) -> None:
    server.answers = [(204, None)]
    assert client.cancel("trn-1") is None
    assert server.paths == ["DELETE /v1/task-runs/trn-1"]


def test_an_id_cannot_change_the_route(client: Any, server: Server) -> None:
    server.answers = [(404, {"message": "no"})]
    with pytest.raises(errors.NotFoundError):
        client.get("../tasks?x")
    assert server.paths == ["GET /v1/task-runs/..%2Ftasks%3Fx"]


def line(n: int) -> dict[str, Any]:
    return {
        "timestamp": "2026-03-04T16:05:57.123Z",
        "attempt": 0,
        "stream": "stdout",
        "message": f"line {n}",
        "cursor": f"c{n}",
    }


def test_logs_come_page_by_page(client: Any, server: Server) -> None:
    server.answers = [(200, [line(n) for n in range(1000)]), (200, [line(1000)])]
    assert [one.message for one in client.logs("trn-1", attempt=0)] == [f"line {n}" for n in range(1001)]
    assert server.paths == [
        "GET /v1/task-runs/trn-1/logs?attempt=0&limit=1000",
        "GET /v1/task-runs/trn-1/logs?attempt=0&limit=1000&cursor=c999",
    ]


def test_the_log_of_a_tree_says_whose_each_line_is(client: Any, server: Server) -> None:
    server.answers = [(200, [line(0) | {"taskRunId": "trn-2", "task": "shop/charge"}])]
    assert [(one.run_id, one.task) for one in client.tree_logs("trn-1")] == [("trn-2", "shop/charge")]
    assert server.paths == ["GET /v1/task-runs/trn-1/tree/logs?limit=1000"]


def test_followed_logs_go_on_where_the_stream_broke(client: Any, server: Server) -> None:
    events = [f"event: log\ndata: {json.dumps(line(n))}\n\n".encode() for n in range(3)]
    server.answers = [events[0] + events[1], BROKEN, events[2] + b"event: end\ndata: {}\n\n"]
    assert [one.message for one in client.logs("trn-1", follow=True)] == ["line 0", "line 1", "line 2"]
    assert server.paths == [
        "GET /v1/task-runs/trn-1/logs?limit=1000&follow=true",
        "GET /v1/task-runs/trn-1/logs?limit=1000&follow=true&cursor=c1",
        "GET /v1/task-runs/trn-1/logs?limit=1000&follow=true&cursor=c1",
    ]


def test_tasks_workflows_and_versions_are_listed(client: Any, server: Server) -> None:
    times = {"createdAt": "2026-03-04T16:05:57Z", "updatedAt": "2026-03-04T16:05:57Z"}
    server.answers = [
        (200, [{"task": {"id": "tsk-1", "name": "add", "workflowId": "wfl-1", **times}, "cursor": "c"}]),
        (200, {"id": "tsk-1", "name": "add", **times}),
        (200, [{"workflow": {"id": "wfl-1", "name": "Quick", "slug": "quick", **times}, "cursor": "c"}]),
        (
            200,
            [
                {
                    "workflowVersion": {"id": "wfv-1", "workflowId": "wfl-1", "name": "1", "status": "ready", **times},
                    "cursor": "c",
                }
            ],
        ),
    ]
    assert [task.name for task in client.tasks(workflow="wfl-1")] == ["add"]
    assert client.task("tsk-1").name == "add"
    assert [workflow.slug for workflow in client.workflows(name="Quick")] == ["quick"]
    assert [version.status for version in client.versions(workflow="wfl-1")] == ["ready"]
    assert server.paths == [
        "GET /v1/tasks?workflowId=wfl-1&limit=100",
        "GET /v1/tasks/tsk-1",
        "GET /v1/workflows?name=Quick&limit=100",
        "GET /v1/workflowversions?workflowId=wfl-1&limit=100",
    ]


WORKFLOW = {"id": "wfl-1", "name": "Shop", "slug": "shop"}


VERSION = {"id": "wfv-1", "workflowId": "wfl-1", "name": "1", "status": "created"}


def test_a_workflow_is_shown_and_deleted_by_its_name(client: Any, server: Server) -> None:
    server.answers = [(200, WORKFLOW), (204, None)]
    assert client.workflow("shop").id == "wfl-1"
    assert client.delete_workflow("shop") is None
    assert server.paths == ["GET /v1/workflows/shop", "DELETE /v1/workflows/shop"]


def test_variables_are_set_named_and_unset(client: Any, server: Server) -> None:
    variable = {"envVar": {"key": "TOKEN", "updatedAt": "2026-03-04T16:05:57Z"}, "cursor": "TOKEN"}
    server.answers = [(200, [variable]), (200, [variable]), (204, None)]
    assert client.set_variables("shop", {"TOKEN": "x"}) is None
    assert server.body() == [{"key": "TOKEN", "value": "x"}]
    assert [one.name for one in client.variables("shop")] == ["TOKEN"]
    assert client.unset_variable("shop", "TOKEN") is None
    path = "/v1/services/shop/env-vars"
    assert server.paths == [f"PATCH {path}", f"GET {path}?limit=100", f"DELETE {path}/TOKEN"]


def test_a_version_names_the_variables_its_runs_see(client: Any, server: Server) -> None:
    server.answers = [(200, {**VERSION, "envVarKeys": ["TOKEN"], "envVarRevision": 3})]
    version = client.version("wfv-1")
    assert (version.variable_names, version.variable_revision) == (("TOKEN",), 3)


def test_a_deploy_sends_what_was_given(client: Any, server: Server) -> None:
    server.answers = [(202, {"workflow": WORKFLOW, "workflowVersion": VERSION})] * 2
    deploy = client.deploy("Shop", archive=b"\x1f\x8b", env={"A": "b"}, start_command="main.py")
    assert (deploy.workflow.slug, deploy.version.id, deploy.version.is_over) == ("shop", "wfv-1", False)
    assert server.body() == {"name": "Shop", "archive": "H4s=", "startCommand": "main.py", "env": {"A": "b"}}
    client.deploy("Shop", repo="https://git.test/shop", branch="main", root_dir="jobs")
    assert server.body() == {"name": "Shop", "repo": "https://git.test/shop", "branch": "main", "rootDir": "jobs"}


def test_an_upload_is_bytes_or_a_file_of_them(client: Any, server: Server) -> None:
    server.answers = [(201, {"id": "upl-1"})] * 2
    assert client.upload(b"\x1f\x8b") == "upl-1"
    with tempfile.TemporaryFile() as file:
        file.write(bytes(1_000_000))
        file.seek(0)
        assert client.upload(file) == "upl-1"
    assert [len(request.content) for request in server.requests] == [2, 1_000_000]


@pytest.mark.parametrize(
    ("network", "sent"), [("none", "none"), ((), "none"), (["db.lan"], ["db.lan"]), ("internet", "internet")]
)
def test_a_deploy_says_where_runs_may_go(client: Any, server: Server, network: Any, sent: Any) -> None:
    server.answers = [(202, {"workflow": WORKFLOW, "workflowVersion": VERSION})]
    client.deploy("Shop", repo="https://git.test/shop", network=network)
    assert server.body()["network"] == sent


def test_a_versions_build_can_be_followed(client: Any, server: Server) -> None:
    event = f"event: log\ndata: {json.dumps(line(0))}\n\n".encode()
    server.answers = [event + b"event: end\ndata: {}\n\n", (200, {**VERSION, "status": "ready"})]
    assert [one.message for one in client.version_logs("wfv-1", follow=True)] == ["line 0"]
    assert client.version("wfv-1").is_over
    assert server.paths == [
        "GET /v1/workflowversions/wfv-1/logs?limit=1000&follow=true",
        "GET /v1/workflowversions/wfv-1",
    ]


def test_the_orchestrator_tells_how_much_there_is_to_do(client: Any, server: Server) -> None:
    server.answers = [(200, {"status": "ok", "version": "0.1.0", "queued": 2, "active": 3, "info": {"a": "b"}})]
    status = client.status()
    assert (status.queued, status.active, status.version, status.info) == (2, 3, "0.1.0", {"a": "b"})


def test_what_this_version_does_not_know_is_kept_as_it_came(client: Any, server: Server) -> None:
    server.answers = [(200, run_json(novelty={"a": 1}))]
    assert client.get("trn-1").raw["novelty"] == {"a": 1}


def test_methods_are_described_where_their_requests_are(client: Any) -> None:
    assert (Client.list.__doc__ or "").startswith("Runs, newest first")
    assert list(inspect.signature(AsyncClient.start).parameters)[:2] == ["task", "input"]


def test_a_server_that_is_not_there_says_how_to_start_it(client: Any, server: Server) -> None:
    server.answers = [httpx.ConnectError("refused")]
    with pytest.raises(errors.ConnectionError, match="orchestrator up --detach") as caught:
        client.get("trn-1")
    assert caught.value.status is None
    assert "http://orchestrator.test" in str(caught.value)
