from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orchestrator_sdk.client.models import Failure, LogLine, TaskRun, TaskRunDetails, TaskRunStatus
from tests.sdk.client.conftest import run_json


def test_a_status_is_its_word() -> None:
    status = TaskRunStatus("completed")
    assert (status, status.value, str(status), f"{status}") == ("completed",) * 4
    assert status in ("completed", "failed")
    assert status.is_terminal
    assert status.is_success
    assert not TaskRunStatus("running").is_terminal


def test_a_status_of_a_newer_server_is_kept() -> None:
    status = TaskRunStatus("dreaming")
    assert (status, status.value, f"{status}") == ("dreaming",) * 3
    assert not status.is_terminal


def test_what_is_unknown_is_ignored_and_what_is_optional_may_be_missing() -> None:
    run = TaskRun.parse({"id": "trn-1", "status": "pending", "novelty": {}})
    assert (run.id, run.root_task_run_id, run.attempts, run.started_at) == ("trn-1", "trn-1", (), None)


def test_a_run_is_read_with_its_attempts() -> None:
    attempt = {"attempt": 0, "status": "failed", "startedAt": "2026-03-04T16:05:57+00:00", "error": "boom"}
    run = TaskRunDetails.parse(run_json(attempts=[attempt], parentTaskRunId="trn-0", parentTaskAttempt=1, error=""))
    assert (run.parent_task_run_id, run.parent_task_attempt, run.error) == ("trn-0", 1, None)
    assert (run.attempts[0].status, run.attempts[0].error) == ("failed", "boom")


def test_a_failure_is_read_with_its_traceback() -> None:
    failure = {"class": "error", "message": "boom", "type": "ValueError", "traceback": "Traceback …"}
    run = TaskRunDetails.parse(run_json(status="failed", error="boom", failure=failure, task="add", plan="pro"))
    assert run.failure == Failure("error", "boom", "ValueError", "Traceback …")
    assert (run.task, run.plan) == ("add", "pro")


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [("57Z", 0), ("57.1Z", 100_000), ("57.123456789Z", 123_456), ("57.123+00:00", 123_000), ("57z", 0)],
)
def test_times_are_read_with_any_precision(text: str, microsecond: int) -> None:
    json: dict[str, Any] = {"message": "", "timestamp": f"2026-03-04T16:05:{text}"}
    assert LogLine.parse(json).timestamp == datetime(2026, 3, 4, 16, 5, 57, microsecond, tzinfo=UTC)
