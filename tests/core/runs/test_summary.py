from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs.events import Claimed, ErrorReported, ShimReady
from orchestrator.core.runs.run import Attempt, Call, FailedChild, Failure, FailureClass, Status
from orchestrator.core.runs.summary import MESSAGE_CHARS, SPANS_LIMIT, Brief, brief, summary
from tests.core.sample_runs import NOW_MS, a_run, a_running_run, after

BOOM = Failure(FailureClass.ERROR, "boom", "ValueError", "traceback", retryable=False)


def test_a_new_run_is_pending_and_has_begun_nothing() -> None:
    row = summary(a_run())
    assert (row.id, row.status, row.attempts, row.started_at_ms, row.parent_id) == ("trn-1", "pending", 0, None, None)


def test_a_chained_run_names_its_parent_and_its_root() -> None:
    row = summary(a_run(id="trn-2", call=Call("trn-1", 0, 3)))
    assert (row.parent_id, row.root_id) == ("trn-1", "trn-1")


def test_it_started_when_its_first_attempt_did() -> None:
    retried = after(a_running_run(), ErrorReported(replace(BOOM, retryable=True)), now_ms=NOW_MS + 10)
    assert summary(retried).status == "pending"
    assert summary(retried).retry_at_ms == retried.due_at_ms
    again = replace(retried, status=Status.QUEUED)
    row = summary(after(again, Claimed(NOW_MS + 1000), ShimReady(Forensics(is_warm=True)), now_ms=NOW_MS + 20_000))
    assert (row.started_at_ms, row.attempts, row.is_warm, row.retry_at_ms) == (NOW_MS, 2, True, None)
    assert row.spans == [(0, 0, 10), (20_000, 20_000, None)]


def test_a_failed_one_says_why_in_a_line() -> None:
    row = summary(after(a_running_run(), ErrorReported(BOOM), now_ms=NOW_MS + 10))
    assert (row.status, row.failure, row.completed_at_ms) == ("failed", Brief("ValueError", "boom"), NOW_MS + 10)


@pytest.mark.parametrize(
    ("message", "line"),
    [("\none\ntwo", "one"), ("x" * 300, "x" * (MESSAGE_CHARS - 1) + "…"), ("", ""), ("x" * 200, "x" * 200)],
)
def test_of_the_message_a_row_has_the_first_line_and_no_more_of_it_than_fits(message: str, line: str) -> None:
    assert brief(replace(BOOM, message=message)).message == line


def test_what_raised_nothing_goes_by_its_class() -> None:
    assert brief(Failure(FailureClass.OOM, "killed")) == Brief("oom", "killed")


def test_a_failure_that_came_from_a_chained_run_names_it() -> None:
    assert brief(replace(BOOM, child=FailedChild("trn-2", "charge", "ValueError"))).child_id == "trn-2"


def test_of_a_thousand_attempts_a_row_has_the_times_of_the_newest() -> None:
    attempts = tuple(Attempt(number, NOW_MS + number) for number in range(1_000))
    row = summary(a_run(attempts=attempts))
    assert (row.attempts, len(row.spans), row.spans[-1]) == (1_000, SPANS_LIMIT, (999, None, None))
