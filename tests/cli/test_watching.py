from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from orchestrator.cli import watching
from orchestrator.cli.views.run_tree import Node
from orchestrator_sdk import Client, ServerError
from tests.cli.support.documents import run
from tests.cli.support.fake_orchestrator import FakeOrchestrator


@pytest.fixture
def api(fake: FakeOrchestrator) -> Iterator[Client]:
    with Client(url=fake.url, api_key="orc_key") as client:
        yield client


def ignore(_: Sequence[Node]) -> None:
    """Show nothing."""


def page(*runs: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"taskRun": one, "cursor": one["id"]} for one in runs]


def test_an_outage_is_waited_out(api: Client, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs", page(run(status="running")))
    fake.answer("GET /task-runs", {"message": "starting"}, status=503)
    fake.answer("GET /task-runs", page(run()))
    fake.answer("GET /task-runs/trn-1", run())
    assert watching.until_over(api, ["trn-1"], ignore)[0].run["results"] == [25]


def test_an_outage_too_long_is_an_error(api: Client, fake: FakeOrchestrator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "OUTAGE_S", 0.1)
    fake.answer("GET /task-runs", {"message": "starting"}, status=503)
    with pytest.raises(ServerError, match="starting"):
        watching.until_over(api, ["trn-1"], ignore)


def test_all_trees_are_looked_at_with_one_question(api: Client, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs", page(run("trn-2", "running"), run("trn-1", "running")), page(run("trn-2"), run()))
    fake.answer("GET /task-runs/trn-1", run())
    fake.answer("GET /task-runs/trn-2", run("trn-2"))
    watching.until_over(api, ["trn-1", "trn-2"], ignore)
    assert [asked.path for asked in fake.asked[:3]] == ["/v1/task-runs", "/v1/task-runs", "/v1/task-runs/trn-1"]
    assert fake.asked[0].query["rootTaskRunId"] == ["trn-1", "trn-2"]


def test_runs_that_failed_below_are_explained(api: Client, fake: FakeOrchestrator) -> None:
    child = run("trn-2", "failed", parentTaskRunId="trn-1")
    fake.answer("GET /task-runs/trn-1", run())
    fake.answer("GET /task-runs", page(child, run()))
    fake.answer("GET /task-runs/trn-2", child | {"error": "ValueError: no"})
    assert [node.run.get("error") for node in watching.tree(api, "trn-1").walk()] == [None, "ValueError: no"]


def test_what_the_root_failed_of_is_explained_before_all_others(
    api: Client, fake: FakeOrchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_EXPLAINED", 0)
    last = run("trn-3", "failed", parentTaskRunId="trn-1")
    fake.answer("GET /task-runs/trn-1", run(status="failed", failure={"childTaskRunId": "trn-3"}))
    fake.answer("GET /task-runs", page(last, run("trn-2", "failed", parentTaskRunId="trn-1"), run(status="failed")))
    fake.answer("GET /task-runs/trn-3", last | {"error": "boom"})
    assert [node.run.get("error") for node in watching.tree(api, "trn-1").walk()] == [None, None, "boom"]


def test_of_a_run_that_is_shown_the_arguments_are_looked_up(api: Client, fake: FakeOrchestrator) -> None:
    child = run("trn-2", parentTaskRunId="trn-1")
    fake.answer("GET /task-runs/trn-1", run())
    fake.answer("GET /task-runs", page({name: value for name, value in child.items() if name != "input"}, run()))
    fake.answer("GET /task-runs/trn-2", child | {"input": [7]})
    assert [node.run["input"] for node in watching.named_tree(api, "trn-1").walk()] == [[3, 4], [7]]


def test_trees_that_grow_have_the_arguments_each_asked_for_once(api: Client, fake: FakeOrchestrator) -> None:
    def listed(status: str) -> list[dict[str, Any]]:
        runs = (run("trn-2", status, parentTaskRunId="trn-1"), run("trn-1", status))
        return page(*({name: value for name, value in one.items() if name != "input"} for one in runs))

    fake.answer("GET /task-runs", listed("running"), listed("running"), listed("completed"))
    fake.answer("GET /task-runs/trn-1", run())
    fake.answer("GET /task-runs/trn-2", run("trn-2", input=[7], parentTaskRunId="trn-1"))
    seen: list[list[Any]] = []
    watching.until_over(
        api, ["trn-1"], lambda nodes: seen.append([one.run.get("input") for one in nodes[0].walk()]), named=True
    )
    assert seen == [[[3, 4], [7]]] * len(seen)
    assert [asked.path for asked in fake.asked].count("/v1/task-runs/trn-2") == 1
