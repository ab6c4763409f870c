from __future__ import annotations

import json

from tests.cli.conftest import Cli
from tests.cli.support.documents import run
from tests.cli.support.fake_orchestrator import FakeOrchestrator


def test_list_shows_a_line_for_each_run(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/task-runs", "taskRun", run("trn-2", "failed"), run("trn-1"))
    head, first, second = ask("runs", "list", "--task", "quickstart/sum_squares").stdout.splitlines()
    assert head.split() == ["RUN", "TASK", "STATE", "STARTED", "TIME", "ATTEMPTS"]
    assert first.startswith("trn-2  quickstart/sum_squares  ✗ failed")
    assert second.endswith("1.50 s  1")
    assert fake.asked[0].query["taskSlug"] == ["quickstart/sum_squares"]


def test_list_as_json_is_a_list_of_runs(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/task-runs", "taskRun", run())
    assert json.loads(ask("runs", "list", "--json").stdout) == [run()]


def test_list_can_leave_out_what_runs_asked_for(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/task-runs", "taskRun", run("trn-2", parentTaskRunId="trn-1"), run())
    assert [found["id"] for found in json.loads(ask("runs", "list", "--roots", "--json").stdout)] == ["trn-1"]


def test_an_empty_list_says_so_on_stderr(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/task-runs", "taskRun")
    result = ask("runs", "list")
    assert (result.stdout, result.stderr) == ("", "There are no runs.\n")
