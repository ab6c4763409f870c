from __future__ import annotations

import json
from pathlib import Path

from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli
from tests.cli.support.documents import run
from tests.cli.support.fake_orchestrator import FakeOrchestrator


def test_rerun_prints_the_new_runs_id(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /task-runs/trn-1/rerun", run("trn-2", "pending"), status=202)
    assert ask("runs", "rerun", "trn-1", "--no-wait").stdout == "trn-2\n"
    assert fake.asked[-1].body == {"version": "same"}


def test_rerun_can_have_other_arguments_and_the_current_version(
    ask: Cli, fake: FakeOrchestrator, tmp_path: Path
) -> None:
    fake.answer("POST /task-runs/trn-1/rerun", run("trn-2", "pending"), status=202)
    ask("runs", "rerun", "trn-1", "--no-wait", "--input", "[1, 2]", "--current")
    assert fake.asked[-1].body == {"version": "current", "input": [1, 2]}
    (tmp_path / "input.json").write_text('{"a": 1}')
    ask("runs", "rerun", "trn-1", "--no-wait", "--input-file", str(tmp_path / "input.json"))
    assert fake.asked[-1].body == {"version": "same", "input": {"a": 1}}


def test_rerun_on_a_version_that_is_gone_says_what_to_do(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /task-runs/trn-1/rerun", {"message": "its version was removed; --current"}, status=409)
    result = ask("runs", "rerun", "trn-1")
    assert result.exit_code == exit_codes.FAILED
    assert "--current" in result.stderr


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
