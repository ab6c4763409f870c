from __future__ import annotations

import json

from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli
from tests.cli.support.documents import run
from tests.cli.support.fake_orchestrator import FakeOrchestrator


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


def test_the_beginning_of_an_id_is_enough(ask: Cli, fake: FakeOrchestrator) -> None:
    whole = "trn-06h19mbkp8vnn9m33m2f"
    fake.list("/task-runs", "taskRun", run(whole))
    fake.answer(f"GET /task-runs/{whole}/logs", [line("hello")])
    assert ask("runs", "logs", "06h19mbk").stdout == "hello\n"


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
