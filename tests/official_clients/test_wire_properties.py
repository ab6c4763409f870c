"""What clients rely on, checked by a reader that knows nothing but the bytes: status lines, JSON and events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.api.support.serving import NO_TLS
from tests.api.support.wire import check_no_nulls
from tests.official_clients.conftest import KEY
from tests.wait import LIMIT_S

MIXED = [("square", [2]), ("echo", ["é☃\n"]), ("boom", []), ("flaky", []), ("wait", []), ("echo", [None])]
STATUSES = {"pending", "running", "completed", "failed", "canceled"}


@pytest.fixture
async def wire(url: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=f"{url}/v1", headers=headers, timeout=LIMIT_S, verify=NO_TLS) as client:
        yield client


async def submitted(wire: httpx.AsyncClient) -> list[str]:
    """The ids of runs of every kind; the one that waits is canceled."""
    run_ids = []
    for task, arguments in MIXED:
        answer = await wire.post("/task-runs", json={"task": f"w/{task}", "input": arguments})
        assert answer.status_code == 202
        check_run(answer.json())
        run_ids.append(answer.json()["id"])
        if task == "wait":
            assert (await wire.delete(f"/task-runs/{run_ids[-1]}")).status_code == 204
    return run_ids


def check_run(run: dict[str, Any]) -> None:
    check_no_nulls(run)
    assert run["status"] in STATUSES
    assert run["retries"] == max(0, len(run["attempts"]) - 1)
    assert {"id", "taskId", "parentTaskRunId", "rootTaskRunId"} <= run.keys()
    for number, attempt in enumerate(run["attempts"]):
        assert attempt["attempt"] == number
        assert attempt["status"] in STATUSES
        assert attempt["startedAt"]


def at_its_end(run: dict[str, Any]) -> dict[str, Any]:
    """The run without what becomes known after its end."""
    for attempt in run["attempts"]:
        for later in ("acknowledgedAt", "removedAt"):
            attempt.get("forensics", {}).get("timings", {}).pop(later, None)
    return run


async def test_every_run_has_exactly_one_event_in_one_ascii_line_at_its_end(wire: httpx.AsyncClient) -> None:
    run_ids = await submitted(wire)
    query = {"taskRunIds": [run_ids[0], ",".join(run_ids[1:])]}
    answer = await wire.get("/task-runs/events", params=query)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.content.isascii()
    blocks = [block.splitlines() for block in answer.text.split("\n\n") if "data:" in block]
    assert all([line.partition(":")[0] for line in block] == ["id", "event", "data"] for block in blocks)
    assert {block[1] for block in blocks} == {"event: task.completed"}
    runs = [json.loads(block[2].removeprefix("data: ")) for block in blocks]
    assert sorted(run["id"] for run in runs) == sorted(run_ids)
    ends = {run["id"]: run["status"] for run in runs}
    assert [ends[one] for one in run_ids] == ["completed", "completed", "failed", "completed", "canceled", "completed"]
    for run in runs:
        check_run(run)
        assert (run["results"] != []) == (run["status"] == "completed")
        assert ("error" in run) == (run["status"] == "failed")
        now = (await wire.get(f"/task-runs/{run['id']}")).json()
        assert at_its_end(now) == at_its_end(run), "the event and the run say the same"


@pytest.mark.parametrize(
    ("method", "path", "arguments", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("GET", "/task-runs/trn-9", {}, 404),
        ("PUT", "/task-runs", {}, 405),
        ("POST", "/task-runs", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/task-runs", {"content": b"a=1"}, 415),
        ("POST", "/task-runs", {"json": {"task": "w/echo", "input": "x"}}, 400),
        ("POST", "/task-runs", {"json": {"task": "w/echo", "input": ["x" * 13_000_000]}}, 413),
        ("POST", "/workflows", {"json": {}}, 400),
        ("POST", "/workflowversions", {"json": {"workflowId": "wfl-9"}}, 404),
        ("PATCH", "/workflows/wfl-9", {"json": {}}, 404),
        ("GET", "/task-runs?limit=0", {}, 400),
        ("GET", "/task-runs/events", {}, 400),
        ("GET", "/metrics/task-runs-queued?startTime=x", {}, 400),
        ("GET", "/logs?direction=up", {}, 400),
        ("GET", "/tasks", {"headers": {"Authorization": "Bearer x"}}, 401),
        ("GET", "/tasks", {"headers": {"Host": "evil.example"}}, 403),
    ],
)
async def test_every_refusal_is_json_with_an_id_and_a_message(
    wire: httpx.AsyncClient, method: str, path: str, arguments: dict[str, Any], status: int
) -> None:
    answer = await wire.request(method, path, **arguments)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert {name: type(value) for name, value in answer.json().items()} == {"id": str, "message": str, "code": str}
