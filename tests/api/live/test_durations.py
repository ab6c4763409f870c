"""How long the runs of a workflow took."""

from __future__ import annotations

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.api.live import durations
from orchestrator.core.runs import events as ev
from orchestrator.core.workflow import Version
from tests.api.support import deployed


async def test_it_is_said_by_task_and_over_time(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    good = await deployed.running(services, maths, "add")
    await deployed.change(services, good, ev.ResultReported(), result_json="1")
    bad = await deployed.running(services, maths)
    await deployed.change(services, bad, ev.ErrorReported(deployed.FINAL_BOOM))
    await deployed.running(services, maths)
    found = (await api.get("/v1/workflows/maths/durations")).json()
    assert [(one["task"], one["runs"], one["failed"]) for one in found["tasks"]] == [("add", 1, 0), ("square", 1, 1)]
    assert found["tasks"][0]["p50Ms"] <= found["tasks"][0]["p95Ms"]
    assert found["intervals"][-1]["runs"] == 2
    assert (len(found["intervals"]), found["isComplete"]) == (72, True)


async def test_no_more_than_the_newest_are_looked_at(
    api: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durations, "_RUNS", 1)
    for task in ("add", "square"):
        run = await deployed.running(services, maths, task)
        await deployed.change(services, run, ev.ResultReported(), result_json="1")
    found = (await api.get("/v1/workflows/maths/durations")).json()
    assert ([one["task"] for one in found["tasks"]], found["isComplete"]) == (["square"], False)


async def test_of_a_workflow_that_is_not_there_it_is_not_known(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/workflows/none/durations")).status_code == 404
