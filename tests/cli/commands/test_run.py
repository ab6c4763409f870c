from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orchestrator.cli import exit_codes, watching
from tests.cli.conftest import Cli
from tests.cli.support.documents import run
from tests.cli.support.fake_orchestrator import FakeOrchestrator


@pytest.fixture
def accepted(fake: FakeOrchestrator) -> FakeOrchestrator:
    fake.answer("POST /task-runs", run(status="pending"), status=202)
    return fake


def test_run_prints_the_result_alone_on_stdout(ask: Cli, accepted: FakeOrchestrator) -> None:
    accepted.answer("GET /task-runs/trn-1", run())
    accepted.list("/task-runs", "taskRun", run())
    result = ask("run", "quickstart/sum_squares", "3", "4")
    assert (result.exit_code, result.stdout) == (exit_codes.OK, "25\n")
    assert accepted.asked[0].body == {"task": "quickstart/sum_squares", "input": [3, 4]}
    assert accepted.asked[0].headers["Authorization"] == "Bearer orc_key"


def test_tags_and_metadata_go_with_the_run(ask: Cli, accepted: FakeOrchestrator) -> None:
    words = ["--tag", "nightly", "--tag", "eu", "--metadata", "customer=acme", "--metadata", "retries=3"]
    ask("run", "quickstart/sum_squares", "3", "--no-wait", *words)
    assert accepted.asked[0].body == {
        "task": "quickstart/sum_squares",
        "input": [3],
        "tags": ["nightly", "eu"],
        "metadata": {"customer": "acme", "retries": 3},
    }


def test_metadata_that_is_no_pair_is_refused(ask: Cli, accepted: FakeOrchestrator) -> None:
    result = ask("run", "quickstart/sum_squares", "3", "--metadata", "acme")
    assert result.exit_code == exit_codes.USAGE
    assert "--metadata acme is not KEY=VALUE" in result.stderr


def test_run_tells_of_each_state_on_stderr(ask: Cli, accepted: FakeOrchestrator) -> None:
    child = run("trn-2", "running", parentTaskRunId="trn-1", taskSlug="quickstart/calculate_square")
    accepted.list("/task-runs", "taskRun", child, run(status="running"))
    accepted.list("/task-runs", "taskRun", child, run())
    accepted.answer("GET /task-runs/trn-1", run())
    told = ask("run", "quickstart/sum_squares", "3", "4").stderr.splitlines()
    assert told == [
        "trn-1 quickstart/sum_squares running",
        "trn-2 quickstart/calculate_square running",
        "trn-1 quickstart/sum_squares completed",
    ]


def test_run_with_json_prints_the_run_as_the_api_gives_it(ask: Cli, accepted: FakeOrchestrator) -> None:
    accepted.answer("GET /task-runs/trn-1", run())
    accepted.list("/task-runs", "taskRun", run())
    assert json.loads(ask("run", "quickstart/sum_squares", "3", "4", "--json").stdout) == run()


def test_run_without_waiting_prints_the_id(ask: Cli, accepted: FakeOrchestrator) -> None:
    assert ask("run", "quickstart/sum_squares", "3", "4", "--no-wait").stdout == "trn-1\n"
    assert len(accepted.asked) == 1


def test_run_takes_its_whole_input_from_a_file(ask: Cli, accepted: FakeOrchestrator, tmp_path: Path) -> None:
    (tmp_path / "input.json").write_text('{"a": 3, "b": 4}')
    ask("run", "quickstart/sum_squares", "--input-file", str(tmp_path / "input.json"), "--no-wait")
    assert accepted.asked[0].body["input"] == {"a": 3, "b": 4}


@pytest.mark.parametrize("more", [("--input", "[]"), ("3",), ()])
def test_a_file_of_input_that_cannot_be_is_refused(ask: Cli, tmp_path: Path, more: tuple[str, ...]) -> None:
    if more:
        (tmp_path / "input.json").write_text("[]")
    result = ask("run", "quickstart/sum_squares", *more, "--input-file", str(tmp_path / "input.json"))
    assert result.exit_code == exit_codes.USAGE


def test_run_takes_its_whole_input_from_stdin(ask: Cli, accepted: FakeOrchestrator) -> None:
    ask("run", "quickstart/sum_squares", "--input", "-", "--no-wait", input='{"a": 3, "b": 4}')
    assert accepted.asked[0].body["input"] == {"a": 3, "b": 4}


def test_an_argument_and_a_result_may_be_text_that_is_no_unicode(ask: Cli, accepted: FakeOrchestrator) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    accepted.answer("GET /task-runs/trn-1", run(results=[name]))
    accepted.list("/task-runs", "taskRun", run(results=[name]))
    result = ask("run", "quickstart/sum_squares", name)
    assert accepted.asked[0].body["input"] == [name]
    assert (result.exit_code, json.loads(result.stdout)) == (exit_codes.OK, name)


def test_run_takes_negative_numbers(ask: Cli, accepted: FakeOrchestrator) -> None:
    ask("run", "quickstart/sum_squares", "-3", "-4.5", "--no-wait")
    assert accepted.asked[0].body["input"] == [-3, -4.5]


def test_run_takes_text_that_is_no_valid_unicode(ask: Cli, accepted: FakeOrchestrator) -> None:
    assert ask("run", "quickstart/square", "caf\udce9.txt", "--no-wait").exit_code == 0
    assert accepted.asked[0].body == {"task": "quickstart/square", "input": ["caf\udce9.txt"]}


def test_run_refuses_an_option_it_does_not_know(ask: Cli) -> None:
    result = ask("run", "quickstart/sum_squares", "--no-wiat")
    assert result.exit_code == exit_codes.USAGE
    assert "no such option: --no-wiat" in result.stderr


def test_a_failed_run_shows_its_error_and_the_users_traceback(ask: Cli, accepted: FakeOrchestrator) -> None:
    traceback = 'Traceback (most recent call last):\n  File "main.py", line 3, in boom\nValueError: no\n'
    failed = run(status="failed", error="ValueError: no", failure={"class": "error", "traceback": traceback})
    accepted.answer("GET /task-runs/trn-1", failed)
    accepted.list("/task-runs", "taskRun", failed)
    result = ask("run", "quickstart/sum_squares", "3", "4")
    assert (result.exit_code, result.stdout) == (exit_codes.FAILED, "")
    assert traceback in result.stderr
    assert "error: quickstart/sum_squares failed: ValueError: no" in result.stderr
    assert "hint: what it printed: orchestrator runs logs trn-1" in result.stderr


def test_a_canceled_run_is_a_failure(ask: Cli, accepted: FakeOrchestrator) -> None:
    accepted.answer("GET /task-runs/trn-1", run(status="canceled"))
    accepted.list("/task-runs", "taskRun", run(status="canceled"))
    assert ask("run", "quickstart/sum_squares").exit_code == exit_codes.FAILED


def test_an_unknown_task_is_not_found(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /task-runs", {"message": "there is no workflow 'quick'"}, status=404)
    result = ask("run", "quick/sum_squares")
    assert result.exit_code == exit_codes.NOT_FOUND
    assert result.stderr == "error: there is no workflow 'quick'\n"


def test_ctrl_c_leaves_the_run_and_says_how_to_end_it(
    ask: Cli, accepted: FakeOrchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, named: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watching, "until_over", interrupted)
    result = ask("run", "quickstart/sum_squares", "3", "4")
    assert result.exit_code == exit_codes.INTERRUPTED
    assert "orchestrator runs cancel trn-1" in result.stderr
    assert [asked.method for asked in accepted.asked] == ["POST"]
