"""A run's tree in one answer."""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import Any

import httpx
import pytest

from orchestrator.api.deps import Services
from orchestrator.api.live import tree
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Failure, FailureClass, Run
from orchestrator.core.runs.submission import chained_run
from orchestrator.core.workflow import Version
from orchestrator.store import ids, keys
from orchestrator.store.connection import Client
from tests.api.support import deployed
from tests.api.support.sse import stream


async def child(services: Services, parent: Run, version: Version, number: int, task: str = "square") -> Run:
    """A running child."""
    spec = version.task(task)
    assert spec is not None
    run = chained_run(ids.new_id(ids.RUN, deployed.now_ms()), parent, number, spec, now_ms=deployed.now_ms())
    await services.runs.create(run, "[]", parent_fence=parent.fence)
    return await deployed.change(services, run, ev.Claimed(deployed.now_ms() + 60_000), ev.ShimReady())


async def fail(services: Services, run: Run, message: str) -> Run:
    failure = Failure(FailureClass.ERROR, message, "ValueError", retryable=False)
    return await deployed.change(services, run, ev.ErrorReported(failure))


def by_column(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip_longest(found["columns"], row)) for row in found["runs"]]


async def read(api: httpx.AsyncClient, run: Run, query: str = "") -> dict[str, Any]:
    answer = await api.get(f"/v1/task-runs/{run.id}/tree{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_tree_is_rows_with_parents_above_their_children(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    root = await deployed.running(services, maths, "add")
    one = await child(services, root, maths, 0)
    two = await child(services, one, maths, 0)
    await deployed.change(services, two, ev.ResultReported(), result_json="1")
    await fail(services, one, "seventeen\nand more")
    found = await read(api, root)
    assert (found["root"], found["tasks"]) == (root.id, ["maths/add", "maths/square"])
    top, first, second = by_column(found)
    assert (top["id"], top["parent"], top["task"], top["status"], top["completedAt"]) == (root.id, -1, 0, "r", None)
    assert (first["parent"], first["status"], first["failure"]) == (0, "f", ["ValueError", "seventeen"])
    assert (second["parent"], second["status"], second["attempts"], second["isWarm"]) == (1, "c", 1, 0)
    assert second["createdAt"] <= second["startedAt"] <= second["completedAt"]
    assert found["counts"] == {"canceled": 0, "completed": 1, "failed": 1, "pending": 0, "running": 1}


async def test_rows_have_notes_where_there_is_something_to_say(
    api: httpx.AsyncClient, services: Services, maths: Version, store: Client
) -> None:
    root = await deployed.running(services, maths)
    retried = await child(services, root, maths, 0)
    await deployed.change(services, retried, ev.ErrorReported(deployed.BOOM))
    await child(services, root, maths, 1)
    await store.hset(keys.run(root.id), "progress", '[0.4,"40 of 100",0,1]')
    notes = (await read(api, root))["notes"]
    assert notes["0"] == {"progress": {"fraction": 0.4, "message": "40 of 100"}}
    assert notes["1"]["waitsFor"].startswith("retry in ")
    assert notes.keys() == {"0", "1"}


async def test_what_an_earlier_attempt_said_is_no_progress_of_this_one(
    api: httpx.AsyncClient, services: Services, maths: Version, store: Client
) -> None:
    run = await deployed.running(services, maths)
    await store.hset(keys.run(run.id), "progress", '[0.4,"40 of 100",3,1]')
    assert "notes" not in await read(api, run)


async def test_it_says_which_failure_came_first_and_where(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    root = await deployed.running(services, maths)
    await child(services, root, maths, 0)
    middle = await child(services, root, maths, 1)
    leaf = await child(services, middle, maths, 0, "add")
    await fail(services, leaf, "seventeen")
    assert (await read(api, root))["firstFailure"] == {
        "path": [root.id, middle.id, leaf.id],
        "taskRunId": leaf.id,
        "task": "maths/add",
        "attempt": 0,
        "type": "ValueError",
        "message": "seventeen",
    }
    assert (await read(api, middle))["firstFailure"]["path"] == [middle.id, leaf.id]


async def test_a_run_alone_is_a_tree_in_which_nothing_failed(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.queued(services, maths)
    found = await read(api, run)
    assert ("firstFailure" in found, "cursor" in found, len(found["runs"])) == (False, False, 1)


async def test_below_a_child_is_only_what_it_asked_for(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    root = await deployed.running(services, maths)
    one, two = [await child(services, root, maths, number) for number in range(2)]
    below = await child(services, two, maths, 0)
    found = await read(api, two)
    assert found["root"] == root.id
    assert [(row["id"], row["parent"]) for row in by_column(found)] == [(two.id, -1), (below.id, 0)]
    assert one.id not in json.dumps(found)


async def test_from_its_root_it_is_the_whole_tree_that_a_run_is_in(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    root = await deployed.running(services, maths)
    one, two = [await child(services, root, maths, number) for number in range(2)]
    for run in (root, two):
        found = await read(api, run, "?fromRoot=true")
        assert [row["id"] for row in by_column(found)] == [root.id, one.id, two.id]


async def test_what_does_not_fit_comes_with_the_next_page(
    api: httpx.AsyncClient, services: Services, maths: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "PAGE", 2)
    root = await deployed.running(services, maths)
    below = [await child(services, root, maths, number) for number in range(3)]
    await fail(services, below[2], "late")
    first = await read(api, root)
    assert first["firstFailure"]["path"] == [root.id, below[2].id]
    second = await read(api, root, f"?cursor={first['cursor']}")
    assert [row["id"] for row in by_column(first) + by_column(second)] == [root.id, *(run.id for run in below)]
    assert [row["parent"] for row in by_column(second)] == [root.id, root.id]
    assert "cursor" not in second


async def test_changes_go_on_from_a_tree_without_a_gap(
    served: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    root = await deployed.running(services, maths)
    found = await read(served, root)
    await deployed.change(services, root, ev.ResultReported(), result_json="1")
    async with stream(served, f"/v1/changes?root={root.id}&lastEventId={found['asOf']}") as events:
        told = [await anext(events) for _ in range(2)][1]
        assert (told.data["id"], told.data["status"]) == (root.id, "c")


@pytest.mark.parametrize(("path", "status"), [("trn-9/tree", 404), ("trn-9/tree?cursor=x", 404)])
async def test_of_a_run_that_is_not_there_there_is_no_tree(api: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await api.get(f"/v1/task-runs/{path}")).status_code == status
