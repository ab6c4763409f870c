from __future__ import annotations

from typing import Any

from orchestrator.cli.bench.program import MAIN
from orchestrator_sdk import Workflows


def test_it_is_a_workflow_of_the_tasks_that_are_measured() -> None:
    names: dict[str, Any] = {"__name__": "main"}
    exec(compile(MAIN, "main.py", "exec"), names)
    app = names["app"]
    assert isinstance(app, Workflows)
    assert {task["name"] for task in app.definitions()} == {"noop", "calls", "fan_out", "wait"}
