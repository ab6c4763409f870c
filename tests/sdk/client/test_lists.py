"""Lists of runs, counts of them, and operations on what filters find, by both clients."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from orchestrator_sdk import TaskRunStatus
from tests.sdk.client.conftest import Server, run_json

OPERATION = {"id": "opr-1", "action": "cancel", "status": "running", "matched": 3, "done": 1, "failed": 0}


def test_a_list_can_be_narrowed(client: Any, server: Server) -> None:
    server.answers = [(200, [])]
    after = datetime(2026, 3, 4, tzinfo=UTC)
    list(client.list(tag=["a", "b"], created_after=after, id_prefix="06", text="no", roots_only=True, task="w/t"))
    (path,) = server.paths
    assert parse_qs(path.partition("?")[2]) == {
        "tag": ["a", "b"],
        "createdAfter": [after.astimezone().isoformat()],
        "idPrefix": ["06"],
        "text": ["no"],
        "rootsOnly": ["true"],
        "taskSlug": ["w/t"],
        "limit": ["100"],
    }


def test_a_list_goes_on_where_the_server_says_also_after_a_short_page(client: Any, server: Server) -> None:
    server.answers = [
        (200, [], {"Next-Cursor": "trn-9"}),
        (200, [{"taskRun": run_json("trn-8"), "cursor": "trn-8"}], {"Next-Cursor": "trn-7"}),
        (200, [{"taskRun": run_json("trn-6"), "cursor": "trn-6"}]),
    ]
    assert [run.id for run in client.list(text="no", limit=5)] == ["trn-8", "trn-6"]
    assert [parse_qs(path)["limit"] for path in server.paths[1:]] == [["5"], ["4"]]
    assert "cursor=trn-7" in server.paths[-1]


def test_counts_are_by_status_and_minute(client: Any, server: Server) -> None:
    words = {"pending": 1, "running": 0, "completed": 2, "failed": 0, "canceled": 0}
    minute = {"at": "2026-03-04T00:00:00Z", **words}
    server.answers = [(200, {**words, "perMinute": [minute], "isComplete": True})]
    counts = client.counts(workflow="w")
    assert (counts.by_status, counts.is_complete) == (words, True)
    assert counts.per_minute == [(datetime(2026, 3, 4, tzinfo=UTC), words)]


def test_an_operation_is_about_what_filters_find(client: Any, server: Server) -> None:
    server.answers = [(202, OPERATION), (202, {**OPERATION, "action": "rerun", "status": "completed"})]
    begun = client.cancel_all(task="shop/pay", created_after=datetime(2026, 3, 4, tzinfo=UTC), roots_only=True)
    assert (begun.id, begun.matched, begun.is_over) == ("opr-1", 3, False)
    created_after = datetime(2026, 3, 4, tzinfo=UTC).astimezone().isoformat()
    assert server.body() == {
        "action": "cancel",
        "filter": {"taskSlug": "shop/pay", "createdAfter": created_after, "rootsOnly": True},
    }
    assert client.rerun_all(status=["failed"], on_version="current").is_over
    assert server.body() == {"action": "rerun", "filter": {"status": ["failed"]}, "version": "current"}


def test_operations_are_listed_looked_at_and_stopped(client: Any, server: Server) -> None:
    server.answers = [(200, [{"operation": OPERATION, "cursor": "opr-1"}]), (200, OPERATION), (204, None)]
    assert [one.done for one in client.operations()] == [1]
    assert client.operation("opr-1").action == "cancel"
    client.stop_operation("opr-1")
    assert server.paths[1:] == ["GET /v1/operations/opr-1", "DELETE /v1/operations/opr-1"]


def test_a_filter_that_is_none_is_an_error_where_it_is_written(client: Any) -> None:
    with pytest.raises(TypeError, match="there is no filter 'statsu'; there are status, task"):
        client.cancel_all(statsu="failed")


def test_a_list_goes_on_from_page_to_page(client: Any, server: Server) -> None:
    pages = [
        [{"taskRun": run_json(f"trn-{n}"), "cursor": f"c{n}"} for n in range(at, at + size)]
        for at, size in ((0, 100), (100, 3))
    ]
    server.answers = [(200, page) for page in pages]
    assert [run.id for run in client.list(task="workflow/task")] == [f"trn-{n}" for n in range(103)]
    assert server.paths == [
        "GET /v1/task-runs?taskSlug=workflow%2Ftask&limit=100",
        "GET /v1/task-runs?taskSlug=workflow%2Ftask&limit=100&cursor=c99",
    ]


def test_a_list_asks_for_nothing_after_a_short_page(client: Any, server: Server) -> None:
    server.answers = [(200, [])]
    assert list(client.list(root_run_id=["trn-1", "trn-2"])) == []
    assert server.paths == ["GET /v1/task-runs?rootTaskRunId=trn-1&rootTaskRunId=trn-2&limit=100"]


def test_a_list_has_as_many_as_were_asked_for(client: Any, server: Server) -> None:
    pages = [[{"taskRun": run_json(f"trn-{n}"), "cursor": f"c{n}"} for n in range(size)] for size in (100, 20, 5)]
    server.answers = [(200, page) for page in pages]
    assert len(list(client.list(limit=120))) == 120
    assert len(list(client.list(limit=5, cursor="c9"))) == 5
    assert server.paths == [
        "GET /v1/task-runs?limit=100",
        "GET /v1/task-runs?limit=20&cursor=c99",
        "GET /v1/task-runs?limit=5&cursor=c9",
    ]


def test_runs_are_filtered_by_whatever_the_api_knows(client: Any, server: Server) -> None:
    server.answers = [(200, [])]
    filters = {"workflow": "shop", "version": "wfv-1", "root_run_id": "trn-1", "task": "shop/pay"}
    assert list(client.list(status=["failed", TaskRunStatus.CANCELED], **filters)) == []
    assert dict(server.requests[0].url.params) | {"status": server.requests[0].url.params.get_list("status")} == {
        "status": ["failed", "canceled"],
        "taskSlug": "shop/pay",
        "workflowId": "shop",
        "version": "wfv-1",
        "rootTaskRunId": "trn-1",
        "limit": "100",
    }


def test_a_limit_of_nothing_is_a_mistake(client: Any) -> None:
    with pytest.raises(ValueError, match="limit must be 1 or more, and is 0"):
        client.list(limit=0)


def test_one_page_has_its_cursors(client: Any, server: Server) -> None:
    server.answers = [(200, [{"taskRun": run_json(), "cursor": "c1"}])]
    [(run, cursor)] = client.page(limit=1, cursor="c0")
    assert (run.id, cursor) == ("trn-1", "c1")
    assert server.paths == ["GET /v1/task-runs?limit=1&cursor=c0"]
