"""How long a run may take, in the queue and altogether."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.runs import deadlines
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import IllegalEvent, decide
from orchestrator.core.runs.run import Failure, FailureClass, Status
from tests.core.sample_runs import NOW_MS, a_run, a_running_run, a_starting_run, after

ERROR = Failure(FailureClass.ERROR, "boom", "ValueError")


def test_a_run_without_limits_may_wait_for_ever() -> None:
    assert deadlines.timer_ms(a_run()) is None


def test_the_queue_time_counts_from_when_the_run_was_queued() -> None:
    assert deadlines.timer_ms(a_run(queue_ttl_s=60)) == NOW_MS + 60_000


def test_a_run_that_waited_too_long_for_capacity_fails_and_says_what_to_do() -> None:
    run = after(a_run(queue_ttl_s=60), ev.QueueExpired(), now_ms=NOW_MS + 60_000)
    assert run.status is Status.FAILED
    assert run.failure is not None
    assert run.failure.cls is FailureClass.TIMEOUT
    assert "waited 60 seconds in the queue" in run.failure.message


def test_a_run_that_was_claimed_just_before_its_wait_is_too_long_goes_on() -> None:
    with pytest.raises(IllegalEvent):
        decide(a_starting_run(queue_ttl_s=60), ev.QueueExpired(), now_ms=NOW_MS + 60_000)


def test_each_wait_in_the_queue_counts_by_itself() -> None:
    run = after(a_running_run(queue_ttl_s=60), ev.ErrorReported(ERROR))
    queued = after(run, ev.BackoffElapsed(), now_ms=NOW_MS + 500_000)
    assert deadlines.timer_ms(queued) == NOW_MS + 560_000


def test_an_attempt_gets_no_more_time_than_the_run_has_left() -> None:
    run = a_running_run(expires_at_ms=NOW_MS + 10_000)
    assert (run.timeout_s, run.attempt_deadline_at_ms) == (60, NOW_MS + 10_000)


def test_a_start_gets_no_more_time_than_the_run_has_left() -> None:
    assert a_starting_run(expires_at_ms=NOW_MS + 500).attempt_deadline_at_ms == NOW_MS + 500


def test_the_whole_runs_deadline_counts_the_wait_in_the_queue() -> None:
    assert deadlines.timer_ms(a_run(queue_ttl_s=60, expires_at_ms=NOW_MS + 10_000)) == NOW_MS + 10_000


def test_a_run_past_its_own_deadline_is_not_tried_again() -> None:
    run = a_running_run(expires_at_ms=NOW_MS + 10_000)
    stopping = after(run, ev.DeadlinePassed(), now_ms=NOW_MS + 10_000)
    ended = after(stopping, ev.ContainerExited(Failure(FailureClass.EXIT, "x"), 143), now_ms=NOW_MS + 10_100)
    assert ended.status is Status.FAILED
    assert ended.failure is not None
    assert "deadline of 10 seconds" in ended.failure.message


def test_a_retry_that_could_only_begin_after_the_deadline_is_not_waited_for() -> None:
    run = after(a_running_run(expires_at_ms=NOW_MS + 999), ev.ErrorReported(ERROR))
    assert (run.status, run.failure) == (Status.FAILED, ERROR)


def test_a_retry_that_can_begin_before_the_deadline_is_waited_for() -> None:
    assert after(a_running_run(expires_at_ms=NOW_MS + 1_001), ev.ErrorReported(ERROR)).status is Status.BACKOFF


@given(ttl_s=st.none() | st.integers(1, 1000), left_ms=st.none() | st.integers(1, 100_000))
def test_whoever_waits_with_a_limit_has_a_timer_and_none_is_later_than_the_run_may_live(
    ttl_s: int | None, left_ms: int | None
) -> None:
    expires_at_ms = None if left_ms is None else NOW_MS + left_ms
    run = a_run(queue_ttl_s=ttl_s, expires_at_ms=expires_at_ms)
    timer_ms = deadlines.timer_ms(run)
    assert (timer_ms is None) == (ttl_s is None and left_ms is None)
    assert timer_ms is None or expires_at_ms is None or timer_ms <= expires_at_ms
