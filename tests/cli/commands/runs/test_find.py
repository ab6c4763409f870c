from __future__ import annotations

import json
from datetime import UTC, datetime

from orchestrator.cli import exit_codes
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
    fake.list("/task-runs", "taskRun", run())
    assert [found["id"] for found in json.loads(ask("runs", "list", "--roots", "--json").stdout)] == ["trn-1"]
    assert fake.asked[0].query["rootsOnly"] == ["true"]


def test_list_is_narrowed_by_all_that_is_given(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/task-runs", "taskRun")
    fake.answer("GET /task-runs/trn-1", run())
    given = ["--workflow", "shop", "--status", "failed", "--status", "canceled", "--tag", "eu", "--text", "declined"]
    result = ask(
        "runs", "list", *given, "--root", "trn-1", "--version", "shop/v3", "--since", "2026-03-04T10:00:00+00:00"
    )
    assert result.stderr == "There are no such runs.\n"
    query = fake.asked[-1].query
    assert datetime.fromisoformat(query.pop("createdAfter")[0]) == datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert query == {
        "workflowId": ["shop"],
        "status": ["failed", "canceled"],
        "tag": ["eu"],
        "text": ["declined"],
        "rootTaskRunId": ["trn-1"],
        "version": ["shop/v3"],
        "limit": ["20"],
    }


def test_a_name_that_is_none_is_an_error(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs", {"message": "there is no workflow 'shpo'; did you mean shop?"}, status=404)
    result = ask("runs", "list", "--workflow", "shpo")
    assert result.exit_code == exit_codes.NOT_FOUND
    assert "did you mean shop?" in result.stderr


def test_a_root_that_is_none_is_an_error(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/zz", {"message": "there is no run zz"}, status=404)
    result = ask("runs", "list", "--root", "zz")
    assert result.exit_code == exit_codes.NOT_FOUND
    assert "there is no run zz" in result.stderr


def test_a_time_that_is_none_is_an_error(ask: Cli) -> None:
    result = ask("runs", "list", "--since", "yesterday")
    assert result.exit_code == exit_codes.USAGE
    assert "'yesterday' is no time" in result.stderr


def test_an_empty_list_says_so_on_stderr(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/task-runs", "taskRun")
    result = ask("runs", "list")
    assert (result.stdout, result.stderr) == ("", "There are no runs.\n")
