from __future__ import annotations

from typing import Any

from orchestrator_sdk import TaskContext, TaskInstance, Workflows
from tests.sdk.conftest import FakeHost

app = Workflows()


@app.task
def add(a: int, b: int) -> int:
    return a + b


def test_the_context_chains_runs_like_a_call(running: FakeHost, context: dict[str, Any]) -> None:
    assert isinstance(TaskContext.of(context).run(add, 1, b=2), TaskInstance)
    assert running.children == [("add", {"a": 1, "b": 2})]


def test_the_metadata_are_the_ids(context: dict[str, Any]) -> None:
    metadata = TaskContext.of(context).metadata
    assert (metadata.task_run_id, metadata.root_task_run_id, metadata.parent_task_run_id) == ("trn-2", "trn-1", "trn-1")


def test_what_is_said_about_the_run_goes_to_the_host(running: FakeHost, context: dict[str, Any]) -> None:
    ctx = TaskContext.of(context)
    ctx.progress(0.5, "half")
    ctx.tags.add("a", "b")
    ctx.metadata["rows"] = 3
    ctx.metadata.update({"by": "me"})
    del ctx.metadata["rows"]
    assert running.said == [
        {"progress": (0.5, "half")},
        {"tags": ("a", "b")},
        {"metadata": {"rows": 3}},
        {"metadata": {"by": "me"}},
        {"metadata": {"rows": None}},
    ]
    assert dict(ctx.metadata) == {"by": "me"}


def test_where_nobody_listens_nothing_is_wrong(context: dict[str, Any]) -> None:
    ctx = TaskContext.of(context)
    ctx.progress(0.5)
    ctx.tags.add("a")
    ctx.metadata["rows"] = 3
    assert ctx.metadata["rows"] == 3


def test_a_root_run_has_no_parent(context: dict[str, Any]) -> None:
    assert TaskContext.of({**context, "parent_run_id": None}).parent_run_id is None
