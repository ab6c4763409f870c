from __future__ import annotations

import json

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
    fake.list("/task-runs", "taskRun", run("trn-2", parentTaskRunId="trn-1"), run())
    assert [found["id"] for found in json.loads(ask("runs", "list", "--roots", "--json").stdout)] == ["trn-1"]


def test_an_empty_list_says_so_on_stderr(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/task-runs", "taskRun")
    result = ask("runs", "list")
    assert (result.stdout, result.stderr) == ("", "There are no runs.\n")


def test_show_tells_everything(ask: Cli, fake: FakeOrchestrator) -> None:
    failed = run(status="failed", error="ValueError: no", failure={"traceback": "Traceback:\n  …\n"})
    fake.answer("GET /task-runs/trn-1", failed)
    fake.list("/task-runs", "taskRun", failed, run("trn-2", parentTaskRunId="trn-1"))
    shown = ask("runs", "show", "trn-1").stdout
    for part in ("✗ sum_squares", "└── ✓ sum_squares", "[3, 4]", "ValueError: no", "attempt 0 ✗ failed", "Traceback:"):
        assert part in shown


def test_show_of_an_unknown_run_is_not_found(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-9", {"message": "there is no run trn-9"}, status=404)
    result = ask("runs", "show", "trn-9")
    assert result.exit_code == exit_codes.NOT_FOUND
    assert "there is no run trn-9" in result.stderr


def test_cancel_asks_for_each_run(ask: Cli, fake: FakeOrchestrator) -> None:
    for run_id in ("trn-1", "trn-2"):
        fake.answer(f"DELETE /task-runs/{run_id}", None, status=204)
    assert ask("runs", "cancel", "trn-1", "trn-2").exit_code == exit_codes.OK
    deleted = [asked.path for asked in fake.asked if asked.method == "DELETE"]
    assert deleted == ["/v1/task-runs/trn-1", "/v1/task-runs/trn-2"]


def test_every_run_that_could_not_be_canceled_is_named(ask: Cli, fake: FakeOrchestrator) -> None:
    for run_id in ("trn-1", "trn-2"):
        fake.answer(f"DELETE /task-runs/{run_id}", {"message": f"there is no run {run_id}"}, status=404)
    result = ask("runs", "cancel", "trn-1", "trn-2")
    assert result.exit_code == exit_codes.NOT_FOUND
    assert "there is no run trn-1" in result.stderr
    assert "there is no run trn-2" in result.stderr


def test_the_beginning_of_an_id_is_enough(ask: Cli, fake: FakeOrchestrator) -> None:
    whole = "trn-06h19mbkp8vnn9m33m2f"
    fake.list("/task-runs", "taskRun", run(whole))
    fake.answer(f"GET /task-runs/{whole}/logs", [line("hello")])
    assert ask("runs", "logs", "06h19mbk").stdout == "hello\n"


def test_a_run_that_is_over_does_not_save_the_others(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("DELETE /task-runs/trn-1", {"message": "run trn-1 is completed"}, status=409)
    fake.answer("DELETE /task-runs/trn-2", None, status=204)
    result = ask("runs", "cancel", "trn-1", "trn-2", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (exit_codes.FAILED, {"canceled": ["trn-2"]})
    assert "run trn-1 is completed" in result.stderr


def test_each_run_that_cannot_be_canceled_is_told(ask: Cli, fake: FakeOrchestrator) -> None:
    for run_id in ("trn-8", "trn-9"):
        fake.answer(f"DELETE /task-runs/{run_id}", {"message": f"there is no run {run_id}"}, status=404)
    result = ask("runs", "cancel", "trn-8", "trn-9")
    assert result.exit_code == exit_codes.NOT_FOUND
    assert "there is no run trn-8" in result.stderr
    assert "there is no run trn-9" in result.stderr


def line(message: str, stream: str = "stdout") -> dict[str, object]:
    return {
        "timestamp": "2026-01-01T10:00:01+00:00",
        "attempt": 0,
        "stream": stream,
        "message": message,
        "cursor": message,
    }


def test_logs_go_where_they_were_printed(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1/logs", [line("hello"), line("oh", "stderr")])
    result = ask("runs", "logs", "trn-1")
    assert (result.stdout, result.stderr) == ("hello\n", "oh\n")


def test_followed_logs_as_json_are_a_document_a_line(ask: Cli, fake: FakeOrchestrator) -> None:
    events = "".join(f"event: log\ndata: {json.dumps(line(word))}\n\n" for word in ("one", "two"))
    fake.answer("GET /task-runs/trn-1/logs", events + "event: end\ndata: {}\n\n")
    printed = ask("runs", "logs", "trn-1", "--follow", "--json").stdout.splitlines()
    assert [json.loads(one)["message"] for one in printed] == ["one", "two"]


def test_logs_of_an_unknown_run_are_not_found(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-9/logs", {"message": "there is no run trn-9"}, status=404)
    result = ask("runs", "logs", "trn-9")
    assert result.exit_code == exit_codes.NOT_FOUND
    assert "there is no run trn-9" in result.stderr
