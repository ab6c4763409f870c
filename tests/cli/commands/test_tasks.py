from __future__ import annotations

import json

from tests.cli.conftest import Cli
from tests.cli.support.documents import TASK, WORKFLOW
from tests.cli.support.fake_orchestrator import FakeOrchestrator


def test_tasks_are_shown_as_they_are_started(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/tasks", "task", TASK)
    fake.list("/workflows", "workflow", WORKFLOW)
    assert ask("tasks", "list").stdout.splitlines()[1].split() == [
        "quickstart/sum_squares",
        "a:",
        "int,",
        "b",
        "standard",
        "internet",
    ]
    assert json.loads(ask("tasks", "list", "--json").stdout) == [TASK]


def test_how_many_are_started_ahead_is_shown_with_its_minimum(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/tasks", "task", {**TASK, "warm": "imported", "warmMin": 2})
    fake.list("/workflows", "workflow", WORKFLOW)
    assert ask("tasks", "list").stdout.splitlines()[1].rstrip().endswith("imported, at least 2  internet")


def test_where_its_runs_may_go_is_shown(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/tasks", "task", {**TASK, "network": ["10.0.0.0/8", "db.lan"]})
    fake.list("/workflows", "workflow", WORKFLOW)
    assert ask("tasks", "list").stdout.splitlines()[1].rstrip().endswith("10.0.0.0/8, db.lan")
