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
    for part in ("✗ sum_squares", "└── ✓ sum_squares", "[3, 4]", "ValueError: no", "attempt 1 ✗ failed", "Traceback:"):
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


def line(message: str, stream: str = "stdout", *, attempt: int = 0, second: int = 1) -> dict[str, object]:
    return {
        "timestamp": f"2026-01-01T10:00:{second:02}+00:00",
        "attempt": attempt,
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


def test_the_last_lines_and_those_with_a_pattern_can_be_had_alone(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1/logs", [line("one"), line("two"), line("three", second=9)])
    assert ask("runs", "logs", "trn-1", "--tail", "1").stdout == "three\n"
    assert ask("runs", "logs", "trn-1", "--grep", "^t").stdout == "two\nthree\n"
    assert ask("runs", "logs", "trn-1", "--grep", "t", "--tail", "2").stdout == "two\nthree\n"
    assert ask("runs", "logs", "trn-1", "--since", "2026-01-01T10:00:05Z").stdout == "three\n"


def test_lines_can_say_when_they_were_printed(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1/logs", [line("one")])
    assert ask("runs", "logs", "trn-1", "-t").stdout == "2026-01-01T10:00:01+00:00         one\n"


def test_another_attempt_is_announced(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1/logs", [line("one"), line("two", attempt=1), line("three", attempt=1)])
    result = ask("runs", "logs", "trn-1")
    assert (result.stdout, result.stderr) == ("one\ntwo\nthree\n", "── attempt 2 ──\n")


def of(run_id: str, task: str, message: str) -> dict[str, object]:
    return {**line(message), "taskRunId": run_id, "task": f"quickstart/{task}"}


TREE = [of("trn-1", "sum_squares", "first"), of("trn-000002", "square", "between"), of("trn-1", "sum_squares", "last")]


def test_the_log_of_a_tree_says_whose_each_line_is(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1/tree/logs", TREE)
    shown = ask("runs", "logs", "trn-1", "--tree").stdout.splitlines()
    assert shown == ["sum_squares#trn-1 │ first", "square#000002 │ between", "sum_squares#trn-1 │ last"]
    assert ask("runs", "logs", "trn-1", "--tree", "--tail", "1").stdout == "sum_squares#trn-1 │ last\n"


def test_the_log_of_a_tree_is_followed(ask: Cli, fake: FakeOrchestrator) -> None:
    events = "".join(f"event: log\ndata: {json.dumps(one)}\n\n" for one in TREE)
    fake.answer("GET /task-runs/trn-1/tree/logs", events + "event: end\ndata: {}\n\n")
    shown = ask("runs", "logs", "trn-1", "--tree", "--follow", "--grep", "t$").stdout.splitlines()
    assert shown == ["sum_squares#trn-1 │ first", "sum_squares#trn-1 │ last"]


def test_what_cannot_be_asked_for_is_refused(ask: Cli) -> None:
    for words in (["--grep", "("], ["--since", "soon"]):
        assert ask("runs", "logs", "trn-1", *words).exit_code == exit_codes.USAGE


def test_logs_of_an_attempt_that_never_was_are_an_error(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1", run())
    result = ask("runs", "logs", "trn-1", "--attempt", "9")
    assert result.exit_code == exit_codes.NOT_FOUND
    assert "run trn-1 has no attempt 9" in result.stderr
    assert "it has: attempt 1\n" in result.stderr


def test_an_attempt_that_may_yet_be_is_waited_for(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1", run(status="running"))
    fake.answer("GET /task-runs/trn-1/logs", [])
    assert ask("runs", "logs", "trn-1", "--attempt", "2").exit_code == exit_codes.OK


def test_the_first_attempt_is_1_and_in_json_0(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs/trn-1", run())
    fake.answer("GET /task-runs/trn-1/logs", [line("one"), line("two", attempt=1)])
    assert ask("runs", "logs", "trn-1", "--attempt", "1").stdout == "one\n"
    assert fake.asked[-1].query["attempt"] == ["0"]
    assert [one["attempt"] for one in json.loads(ask("runs", "logs", "trn-1", "--json").stdout)] == [0, 1]
    assert ask("runs", "logs", "trn-1", "--attempt", "0").exit_code == exit_codes.USAGE
