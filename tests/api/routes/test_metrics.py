"""GET /v1/metrics/task-runs-queued and -completed."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.submission import root_run
from orchestrator.core.workflow import Version
from orchestrator.store import ids
from tests.api.conftest import KEY, client
from tests.api.support import deployed

MINUTE_MS = 60_000
NOON_MS = 1_700_000_000_000 // MINUTE_MS * MINUTE_MS


async def run_at(services: Services, version: Version, minute: int, *events: ev.Event) -> None:
    """A run queued in the minute, that ends a minute later."""
    now_ms = NOON_MS + minute * MINUTE_MS
    spec = version.task("square")
    assert spec is not None
    run = root_run(ids.new_id(ids.RUN, now_ms), version, spec, now_ms=now_ms)
    await services.runs.create(run, "[]")
    for event in events:
        await services.runs.change(run.id, event, now_ms=now_ms + MINUTE_MS, result_json="1")


@pytest.fixture
async def busy(services: Services, maths: Version) -> Version:
    """Ran twice in the first minute, well and badly, and once each in the second and the third."""
    begun = (ev.Claimed(NOON_MS * 2), ev.ShimReady())
    await run_at(services, maths, 0, *begun, ev.ResultReported())
    await run_at(services, maths, 0, *begun, ev.ErrorReported(deployed.FINAL_BOOM))
    await run_at(services, maths, 1, *begun, ev.ResultReported())
    await run_at(services, maths, 2)
    return maths


async def series(services: Services, which: str, **query: Any) -> dict[str, list[int]]:
    """The values of each series, by its labels, over five minutes."""
    app = create_app(dataclasses.replace(services, now_ms=lambda: NOON_MS + 10 * MINUTE_MS))
    span = {"startTime": NOON_MS, "endTime": NOON_MS + 5 * MINUTE_MS}
    times = {name: written(at_ms) for name, at_ms in span.items()}
    async with client(app, {"Authorization": f"Bearer {KEY}"}) as api:
        answer = await api.get(f"/v1/metrics/task-runs-{which}", params=times | query)
    assert answer.status_code == 200, answer.text
    return {
        " ".join(label["value"] for label in one["labels"]): [value["value"] for value in one["values"]]
        for one in answer.json()
    }


def written(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


async def test_runs_are_counted_when_they_are_queued(services: Services, busy: Version) -> None:
    task = busy.tasks[0].id
    assert await series(services, "queued", resource=task) == {task: [2, 1, 1, 0, 0]}


async def test_runs_are_counted_when_they_end_by_state_if_asked(services: Services, busy: Version) -> None:
    for query, expected in {
        "": {"maths": [0, 2, 1, 0, 0]},
        "succeeded": {"maths succeeded": [0, 1, 1, 0, 0]},
        "failed": {"maths failed": [0, 1, 0, 0, 0]},
    }.items():
        state = {"state": query} if query else {}
        assert await series(services, "completed", resource="maths", **state) == expected
    by_state = await series(services, "completed", resource="maths", aggregateBy="state")
    assert by_state == {"maths succeeded": [0, 1, 1, 0, 0], "maths failed": [0, 1, 0, 0, 0]}


async def test_a_coarser_resolution_sums_up(services: Services, busy: Version) -> None:
    found = await series(services, "queued", resource="maths/square", resolutionSeconds=120)
    assert sum(next(iter(found.values()))) == 4
    assert len(next(iter(found.values()))) == 3


async def test_every_task_is_its_own_series_when_none_is_named(services: Services, busy: Version) -> None:
    assert await series(services, "queued") == {busy.tasks[0].id: [2, 1, 1, 0, 0], busy.tasks[1].id: [0] * 5}


@pytest.mark.parametrize(
    "query",
    [
        "startTime=2001-01-01&endTime=2100-01-01T00:00:00Z",
        "startTime=x",
        "resolutionSeconds=0",
        "resolutionSeconds=inf",
        "resolutionSeconds=nan",
        "resolutionSeconds=1e300",
        "state=canceled",
    ],
)
async def test_what_cannot_be_counted_is_refused(api: httpx.AsyncClient, query: str) -> None:
    answer = await api.get(f"/v1/metrics/task-runs-completed?{query}&resource=tsk-{'0' * 20}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "query",
    ["endTime=0001-01-01T00:00:00Z", "endTime=0001-01-01T00:00:00%2B14:00", "startTime=9999-12-31T23:59:59-14:00"],
)
async def test_a_time_at_which_nothing_was_has_no_values(api: httpx.AsyncClient, query: str) -> None:
    answer = await api.get(f"/v1/metrics/task-runs-completed?{query}&resource=tsk-{'0' * 20}")
    assert [series["values"] for series in answer.json()] == [[]]


@pytest.mark.parametrize("resource", ["maths/sqare", "math", "tsk-1:x", "tsk-1"])
async def test_a_resource_that_is_not_there_is_not_counted_as_nothing(
    api: httpx.AsyncClient, busy: Version, resource: str
) -> None:
    answer = await api.get(f"/v1/metrics/task-runs-queued?resource={resource}")
    assert answer.status_code in (400, 404)
    assert resource.rpartition("/")[2] in answer.json()["message"]
