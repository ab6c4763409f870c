"""Which runs a client asks about, in lists and in counts."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.annotations import Annotations
from orchestrator.core.runs.run import FailedChild, Failure, FailureClass, Run
from orchestrator.core.runs.submission import root_run
from orchestrator.core.workflow import Version
from orchestrator.store import ids
from tests.api.support import deployed


async def found(api: httpx.AsyncClient, **query: object) -> list[str]:
    answer = await api.get(f"/v1/task-runs?{urlencode(query, doseq=True)}")
    assert answer.status_code == 200, answer.text
    return [item["taskRun"]["id"] for item in answer.json()]


async def tagged(services: Services, version: Version, *tags: str) -> Run:
    run = root_run(ids.new_id(ids.RUN, deployed.now_ms()), version, version.tasks[0], now_ms=deployed.now_ms())
    await services.runs.create(run, "[]", Annotations(tags))
    return run


async def failed(services: Services, version: Version, message: str) -> Run:
    run = await deployed.running(services, version)
    failure = Failure(FailureClass.ERROR, message, "CardError", retryable=False)
    return await deployed.change(services, run, ev.ErrorReported(failure))


async def test_values_have_commas_between_or_are_repeated(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    queued, running = await deployed.queued(services, maths), await deployed.running(services, maths)
    await deployed.completed(services, maths)
    assert await found(api, status="pending,running") == [running.id, queued.id]
    assert await found(api, status=["pending", "running"]) == [running.id, queued.id]
    assert len(await found(api, task="maths/square,maths/add", workflow="maths")) == 3


async def test_a_version_is_found_by_id_or_number(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    old = await deployed.queued(services, maths)
    new = await deployed.queued(services, await deployed.ready(services, "maths", deployed.SQUARE))
    assert await found(api, version=maths.id) == [old.id]
    assert await found(api, version="maths/v2") == [new.id]
    assert await found(api, version="v1", workflow="maths") == [old.id]
    assert await found(api, version="maths/1,maths/2") == [new.id, old.id]


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("version=v1", 400, "version 'v1' is of which workflow?"),
        ("version=maths/latest", 400, "version cannot be 'maths/latest'"),
        ("version=maths/v9", 404, "there is no version 'maths/v9'"),
        ("workflow=nowhere", 404, "there is no workflow 'nowhere'"),
        ("task=maths/cube", 404, "workflow 'maths' has no task 'cube'"),
        ("status=done", 400, "it is one of pending, running, completed, failed, canceled"),
        ("idPrefix=trn-XYZ", 400, "idPrefix cannot be 'trn-XYZ'"),
        ("createdAfter=yesterday", 400, "createdAfter"),
        ("rootsOnly=perhaps", 400, "rootsOnly"),
    ],
)
async def test_what_means_nothing_is_refused(
    api: httpx.AsyncClient, maths: Version, query: str, status: int, says: str
) -> None:
    for path in ("/v1/task-runs", "/v1/task-runs/counts"):
        answer = await api.get(f"{path}?{query}")
        assert answer.status_code == status
        assert says in answer.json()["message"]


async def test_runs_are_found_by_tag_text_time_and_beginning_of_id(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await tagged(services, maths, "nightly", "a,b")
    broken = await failed(services, maths, "Card declined")
    assert await found(api, tag="nightly") == await found(api, tag="a,b") == [run.id]
    assert await found(api, tag="other") == []
    assert await found(api, text="card DECLINED") == [broken.id]
    assert await found(api, idPrefix=run.id[:-1]) == await found(api, idPrefix=run.id[4:]) == [run.id]
    assert await found(api, createdAfter="2100-01-01T00:00:00Z") == []
    assert await found(api, createdBefore="2100-01-01T00:00:00Z") == [broken.id, run.id]


async def test_roots_alone(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    root = await deployed.running(services, maths)
    await deployed.child(services, root, maths)
    assert await found(api, rootsOnly="true") == [root.id]
    assert await found(api, rootsOnly="true", status="pending") == []


async def test_counts_are_of_what_the_list_would_have(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    await deployed.completed(services, maths)
    root = await deployed.running(services, maths)
    await deployed.child(services, root, maths)
    counts = (await api.get("/v1/task-runs/counts?rootsOnly=true&workflow=maths")).json()
    assert [counts[word] for word in ("pending", "running", "completed", "failed", "canceled")] == [0, 1, 1, 0, 0]
    assert sum(minute["completed"] for minute in counts["perMinute"]) == 1
    assert counts["isComplete"]
    assert (await api.get("/v1/task-runs/counts")).json()["pending"] == 1


async def test_a_page_says_where_to_go_on_unless_it_is_the_last(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    older, newer = await deployed.queued(services, maths), await deployed.queued(services, maths)
    first = await api.get("/v1/task-runs?limit=1")
    assert first.headers["Next-Cursor"] == newer.id
    last = await api.get(f"/v1/task-runs?limit=1&cursor={newer.id}")
    assert last.json()[0]["cursor"] == older.id
    assert "Next-Cursor" not in last.headers


async def test_a_row_says_why_a_run_is_tried_again(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    await deployed.change(services, await deployed.running(services, maths), ev.ErrorReported(deployed.BOOM))
    (found,) = (await api.get("/v1/task-runs")).json()
    assert found["taskRun"]["failure"]["message"] == deployed.BOOM.message


async def test_a_row_says_why_a_run_failed_in_short(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    await failed(services, maths, f"declined {'x' * 300}\nsecond line")
    (row,) = (await api.get("/v1/task-runs")).json()
    failure = row["taskRun"]["failure"]
    assert (failure["class"], failure["type"]) == ("error", "CardError")
    assert failure["message"] == f"declined {'x' * 191}"


async def test_a_row_names_the_run_that_its_failure_came_from(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    child = FailedChild("trn-00000000000000000000", "charge", "CardError")
    run = await deployed.running(services, maths)
    await deployed.change(services, run, ev.ErrorReported(replace(deployed.FINAL_BOOM, child=child)))
    (row,) = (await api.get("/v1/task-runs")).json()
    failure = row["taskRun"]["failure"]
    assert (failure["childTaskRunId"], failure["childTask"], failure["childType"]) == (
        child.run_id,
        "charge",
        "CardError",
    )
