"""What runs and builds printed, line by line."""

from __future__ import annotations

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.workflow import Version
from tests.api.support import deployed
from tests.api.support.printed import ALL, lines, two_attempts


async def test_lines_come_in_order_over_all_attempts(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    assert await lines(api, await two_attempts(services, maths)) == ALL


async def test_a_line_has_time_stream_and_cursor(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await two_attempts(services, maths)
    line = (await api.get(f"/v1/task-runs/{run.id}/logs?limit=1")).json()[0]
    assert line.keys() == {"timestamp", "attempt", "stream", "message", "cursor"}
    assert line["stream"] == "stdout"
    assert line["cursor"].startswith("0:")


async def test_one_attempt_may_be_asked_for(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await two_attempts(services, maths)
    assert await lines(api, run, "?attempt=1") == ALL[2:]
    assert await lines(api, run, "?attempt=0") == ALL[:2]
    assert await lines(api, run, "?attempt=7") == []


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_cursors_lead_through_all_lines(
    api: httpx.AsyncClient, services: Services, maths: Version, size: int
) -> None:
    run = await two_attempts(services, maths)
    found, cursor = [], ""
    while page := (await api.get(f"/v1/task-runs/{run.id}/logs?limit={size}{cursor}")).json():
        assert len(page) <= size
        found += [(line["attempt"], line["message"]) for line in page]
        cursor = f"&cursor={page[-1]['cursor']}"
    assert found == ALL


@pytest.mark.parametrize("cursor", ["x", "0", "0:", "-1:0-0.1", "0:1-1", "0:1-1.x", "0:99999999999999999999-0.1"])
async def test_a_bad_cursor_is_refused(api: httpx.AsyncClient, services: Services, maths: Version, cursor: str) -> None:
    run = await deployed.queued(services, maths)
    answer = await api.get(f"/v1/task-runs/{run.id}/logs", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


async def test_a_cursor_of_another_attempt_is_refused(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.queued(services, maths)
    answer = await api.get(f"/v1/task-runs/{run.id}/logs?attempt=1&cursor=0:1-0.0")
    assert answer.json()["code"] == "invalid_cursor"


async def test_a_run_that_printed_nothing_has_no_lines(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    assert await lines(api, await deployed.queued(services, maths)) == []
    assert await lines(api, await deployed.running(services, maths)) == []


@pytest.mark.parametrize("query", ["", "?follow=true"])
async def test_logs_of_unknown_things_are_refused(api: httpx.AsyncClient, query: str) -> None:
    assert (await api.get(f"/v1/task-runs/trn-9/logs{query}")).status_code == 404
    assert (await api.get(f"/v1/workflowversions/wfv-9/logs{query}")).status_code == 404
