from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli
from tests.cli.support.fake_orchestrator import FakeOrchestrator


def operation(**fields: Any) -> dict[str, Any]:
    return {
        "id": "opr-1",
        "action": "cancel",
        "status": "running",
        "matched": 3,
        "done": 0,
        "failed": 0,
        "isLimited": False,
        "createdAt": "2026-01-01T10:00:00.000Z",
        **fields,
    }


def test_cancel_by_filters_waits_until_all_are_canceled(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /operations", operation(), status=202)
    fake.answer("GET /operations/opr-1", operation(done=1), operation(done=3, status="completed"))
    result = ask("runs", "cancel", "--workflow", "shop", "--status", "pending")
    assert result.stdout == "3 of 3 runs are canceled.\n"
    assert fake.asked[0].body == {"action": "cancel", "filter": {"workflowId": ["shop"], "status": ["pending"]}}


def test_rerun_by_filters_says_what_could_not_be_done_again(ask: Cli, fake: FakeOrchestrator) -> None:
    done = operation(
        action="rerun", done=2, failed=1, status="completed", error="its version was removed", isLimited=True
    )
    fake.answer("POST /operations", done, status=202)
    result = ask("runs", "rerun", "--status", "failed", "--current")
    assert (result.exit_code, result.stdout) == (exit_codes.FAILED, "2 of 3 runs are done again.\n")
    assert "1 could not be: its version was removed" in result.stderr
    assert "More runs match: these are the newest 3." in result.stderr
    assert fake.asked[0].body == {"action": "rerun", "filter": {"status": ["failed"]}, "version": "current"}


def test_without_waiting_the_operation_is_named(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /operations", operation(), status=202)
    assert ask("runs", "cancel", "--tag", "eu", "--no-wait").stdout == "opr-1: 3 runs\n"
    assert json.loads(ask("runs", "cancel", "--tag", "eu", "--no-wait", "--json").stdout) == operation()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["cancel"], "which runs?"),
        (["cancel", "trn-1", "--status", "pending"], "ids and filters exclude each other"),
        (["rerun"], "which runs?"),
        (["rerun", "--status", "failed", "--input", "[]"], "--input is for one run"),
    ],
)
def test_which_runs_must_be_clear(ask: Cli, fake: FakeOrchestrator, given: list[str], says: str) -> None:
    result = ask("runs", *given)
    assert result.exit_code == exit_codes.USAGE
    assert says in result.stderr
    assert [one for one in fake.asked if one.method == "POST"] == []


def test_operations_are_listed_and_stopped(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/operations", "operation", operation(done=1))
    fake.answer("DELETE /operations/opr-1", None, status=204)
    head, row = ask("runs", "operations").stdout.splitlines()
    assert head.split() == ["OPERATION", "ACTION", "STATE", "DONE", "FAILED", "OF", "BEGUN"]
    assert row.split()[:6] == ["opr-1", "cancel", "running", "1", "0", "3"]
    assert ask("runs", "stop", "opr-1").stdout == "opr-1 is stopped.\n"
