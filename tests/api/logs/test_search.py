"""GET /v1/logs."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.api.logs import search
from orchestrator.core.logs import LogLine
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Run
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from orchestrator.telemetry.loop_watch import LIMIT_S
from tests.api.support import deployed
from tests.rounds import longest_round_s

SECOND_NS = 1_000_000_000
START_NS = 1_700_000_000 * SECOND_NS


async def printing_run(services: Services, version: Version, *seconds: int) -> Run:
    """A run that printed its task's name and the second, in these seconds."""
    run = await deployed.running(services, version)
    writer = services.logs.writer(keys.run_logs(run.id, 0))
    await writer.append([LogLine(START_NS + at * SECOND_NS, "stdout", f"line {at}") for at in seconds])
    await writer.end()
    return await deployed.change(services, run, ev.ResultReported(), result_json="1")


async def test_newest_lines_come_first_and_page_backward(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await printing_run(services, maths, 0, 1, 2, 3, 4)
    first = (await api.get("/v1/logs", params={"taskRun": run.id, "limit": 3})).json()
    assert [line["message"] for line in first["logs"]] == ["line 4", "line 3", "line 2"]
    assert first["hasMore"]
    times = {"startTime": first["nextStartTime"], "endTime": first["nextEndTime"]}
    rest = (await api.get("/v1/logs", params={"taskRun": run.id, **times})).json()
    assert [line["message"] for line in rest["logs"]] == ["line 1", "line 0"]
    assert not rest["hasMore"]


async def test_oldest_lines_come_first_when_asked(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    run = await printing_run(services, maths, 0, 1, 2)
    query = {"taskRun": run.id, "direction": "forward", "limit": "2"}
    first = (await api.get("/v1/logs", params=query)).json()
    assert [line["message"] for line in first["logs"]] == ["line 0", "line 1"]
    rest = (await api.get("/v1/logs", params={**query, "startTime": first["nextStartTime"]})).json()
    assert [line["message"] for line in rest["logs"]] == ["line 2"]


async def test_runs_are_merged_by_time_and_labeled(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    one, other = await printing_run(services, maths, 0, 2), await printing_run(services, maths, 1)
    found = (await api.get("/v1/logs", params={"task": "maths/square", "resource": "maths", "ownerId": "y"})).json()
    assert [line["message"] for line in found["logs"]] == ["line 2", "line 1", "line 0"]
    labels = [{label["name"]: label["value"] for label in line["labels"]} for line in found["logs"]]
    assert [label["taskRun"] for label in labels] == [one.id, other.id, one.id]
    assert (labels[0]["type"], labels[0]["level"]) == ("app", "info")


async def test_text_chooses_lines(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    await printing_run(services, maths, 0, 1, 2)
    found = (await api.get("/v1/logs", params={"text": ["e 0", "e 2"]})).json()
    assert [line["message"] for line in found["logs"]] == ["line 2", "line 0"]


async def test_a_task_that_does_not_exist_is_named(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    await printing_run(services, maths, 0)
    answer = await api.get("/v1/logs?task=maths/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "workflow 'maths' has no task 'nothing'" in answer.json()["message"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("level=error", 1),
        ("level=info&level=error", 2),
        ("type=app", 2),
        ("type=build", 0),
        ("host=example.org", 0),
        ("resource=maths", 2),
        (f"resource=wfl-{'0' * 20}", 0),
        ("instance={run}-0", 2),
        ("instance={run}-1", 0),
    ],
)
async def test_labels_choose_lines(
    api: httpx.AsyncClient, services: Services, maths: Version, query: str, count: int
) -> None:
    run = await deployed.running(services, maths)
    lines = [LogLine(START_NS, "stdout", "out"), LogLine(START_NS, "stderr", "err")]
    await services.logs.writer(keys.run_logs(run.id, 0)).append(lines)
    assert len((await api.get(f"/v1/logs?{query.format(run=run.id)}")).json()["logs"]) == count
    values = {"level": ["error", "info"], "type": ["app"], "instance": [f"{run.id}-0"], "host": []}
    for label, expected in values.items():
        assert (await api.get(f"/v1/logs/values?label={label}&taskRun={run.id}")).json() == expected


@pytest.mark.parametrize(("direction", "found"), [("backward", "line 0"), ("forward", "line 4")])
async def test_what_takes_long_is_answered_in_parts_until_all_was_looked_at(
    api: httpx.AsyncClient,
    services: Services,
    maths: Version,
    monkeypatch: pytest.MonkeyPatch,
    direction: str,
    found: str,
) -> None:
    monkeypatch.setattr(search, "_LOOKED_AT", 2)
    run = await printing_run(services, maths, 0, 1, 2, 3, 4)
    query, answers = {"direction": direction, "text": found, "taskRun": run.id}, list[dict[str, Any]]()
    while not answers or answers[-1]["hasMore"]:
        times = {"startTime": answers[-1]["nextStartTime"], "endTime": answers[-1]["nextEndTime"]} if answers else {}
        answers.append((await api.get("/v1/logs", params=query | times)).json())
    assert [[line["message"] for line in one["logs"]] for one in answers] == [[], [], [found]]


async def test_a_search_over_many_runs_keeps_nobody_waiting(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    """A hundred thousand lines took seconds, in one piece."""
    for _ in range(20):
        run = await deployed.running(services, maths)
        lines = [LogLine(START_NS + at, "stdout", f"line {at}") for at in range(5_000)]
        await services.logs.writer(keys.run_logs(run.id, 0)).append(lines)

    async def search_all() -> None:
        assert len((await api.get("/v1/logs?limit=100")).json()["logs"]) == 100

    assert await longest_round_s(search_all, LIMIT_S) < LIMIT_S


async def test_no_more_runs_are_searched_than_anybody_needs(api: httpx.AsyncClient, maths: Version) -> None:
    answer = await api.get("/v1/logs", params={"taskRun": [f"trn-{number:020}" for number in range(101)]})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
