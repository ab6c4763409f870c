"""What becomes of a run: as stories first, then over the whole table, then in random walks."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.container.forensics import Forensics, Measured
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import TABLE, IllegalEvent, decide
from orchestrator.core.runs.retry import INFRA_RETRY, RetryPolicy
from orchestrator.core.runs.run import TERMINAL, Failure, FailureClass, Run, Status
from tests.core.sample_runs import NOW_MS, a_run, a_running_run, a_starting_run, after

ERROR = Failure(FailureClass.ERROR, "boom", "ValueError")
EXIT = Failure(FailureClass.EXIT, "exit code 1")
INFRA = Failure(FailureClass.INFRA, "lost")


def test_a_run_goes_from_queued_over_starting_and_running_to_completed() -> None:
    run = after(a_run(), ev.Claimed(NOW_MS + 5), ev.ShimReady(), ev.ResultReported())
    assert run.status is Status.COMPLETED
    assert [attempt.status for attempt in run.attempts] == [Status.COMPLETED]


def test_a_result_is_acknowledged() -> None:
    assert decide(a_running_run(), ev.ResultReported(), now_ms=NOW_MS).effects == (ev.AcknowledgeOutcome(),)


def test_of_many_failed_attempts_only_the_newest_keep_all_that_is_known_of_them() -> None:
    long = Failure(FailureClass.ERROR, "m" * 8_000, "ValueError", "t" * 32_000)
    run = a_run(retry=RetryPolicy(100, 0, 1.0))
    for _ in range(76):
        run = after(run, ev.Claimed(NOW_MS + 5), ev.ShimReady(), ev.ErrorReported(long), ev.BackoffElapsed())
    failures = [attempt.failure for attempt in run.attempts if attempt.failure]
    assert [failure.traceback for failure in failures] == [""] * 66 + [long.traceback] * 10
    assert sum(len(failure.message) + len(failure.traceback) for failure in failures) < 500_000


def test_the_timeout_counts_from_the_assignment() -> None:
    run = decide(a_starting_run(), ev.ShimReady(), now_ms=NOW_MS + 7_000).run
    assert run.attempt_deadline_at_ms == NOW_MS + 7_000 + run.timeout_s * 1000


def test_a_failing_attempt_is_tried_again_after_one_two_and_four_seconds_by_default() -> None:
    run, waits_ms = a_run(), []
    for _ in range(3):
        run = after(run, ev.Claimed(NOW_MS), ev.ShimReady(), ev.ErrorReported(ERROR))
        waits_ms.append(run.due_at_ms - NOW_MS)
        run = after(run, ev.BackoffElapsed())
    run = after(run, ev.Claimed(NOW_MS), ev.ShimReady(), ev.ErrorReported(ERROR))
    assert waits_ms == [1000, 2000, 4000]
    assert run.status is Status.FAILED
    assert len(run.attempts) == 4


def test_a_failure_of_ours_is_not_charged_to_the_tasks_retries() -> None:
    run = a_run(retry=RetryPolicy(0, 0, 1))
    run = after(run, ev.Claimed(NOW_MS), ev.ContainerExited(INFRA, None))
    assert run.status is Status.BACKOFF
    assert run.charged_failures == 0


def test_a_kill_for_memory_that_is_ours_gives_the_run_its_whole_plan_from_then_on() -> None:
    killed = Forensics(measured=Measured(oom_kills=1))
    again = after(a_running_run(), ev.ContainerExited(INFRA, 137, killed))
    assert (again.status, again.charged_failures, again.reserves_plan) == (Status.BACKOFF, 0, True)
    assert after(again, ev.BackoffElapsed(), ev.Claimed(NOW_MS), ev.ContainerExited(INFRA, None)).reserves_plan
    its_own = Failure(FailureClass.OOM, "it used too much")
    assert not after(a_running_run(), ev.ContainerExited(its_own, 137, killed)).reserves_plan
    assert not after(a_running_run(), ev.ContainerExited(INFRA, 255)).reserves_plan


def test_failures_of_ours_have_a_budget_of_their_own() -> None:
    run = a_run()
    for _ in range(INFRA_RETRY.max_retries):
        run = after(run, ev.Claimed(NOW_MS), ev.ContainerExited(INFRA, None), ev.BackoffElapsed())
    run = after(run, ev.Claimed(NOW_MS), ev.ContainerExited(INFRA, None))
    assert run.status is Status.FAILED


def test_an_error_that_says_so_is_not_retried() -> None:
    run = after(a_running_run(), ev.ErrorReported(replace(ERROR, retryable=False)))
    assert run.status is Status.FAILED


def test_a_timed_out_attempt_is_retried_only_when_its_container_is_gone() -> None:
    stopping = decide(a_running_run(), ev.DeadlinePassed(), now_ms=NOW_MS)
    assert stopping.run.status is Status.STOPPING
    assert isinstance(stopping.effects[0], ev.StopContainer)
    run = after(stopping.run, ev.ContainerExited(EXIT, 143))
    assert run.status is Status.BACKOFF
    assert run.attempts[0].failure is not None
    assert run.attempts[0].failure.cls is FailureClass.TIMEOUT


def test_a_cancel_outranks_a_timeout() -> None:
    run = after(a_running_run(), ev.DeadlinePassed(), ev.CancelRequested("asked"), ev.ContainerExited(EXIT, 143))
    assert run.status is Status.CANCELED


def test_an_outcome_that_arrives_while_the_run_is_stopped_is_too_late() -> None:
    run = after(a_running_run(), ev.CancelRequested("asked"))
    with pytest.raises(IllegalEvent, match="stopping"):
        decide(run, ev.ResultReported(), now_ms=NOW_MS)


def test_an_illegal_event_changes_nothing() -> None:
    run = a_run()
    before = replace(run)
    with pytest.raises(IllegalEvent, match="ShimReady does not apply"):
        decide(run, ev.ShimReady(), now_ms=NOW_MS)
    assert run == before


def test_an_attempt_that_fails_before_its_assignment_still_has_a_start() -> None:
    run = after(a_starting_run(), ev.ErrorReported(ERROR))
    assert run.attempts[0].started_at_ms == NOW_MS


def test_descendants_are_canceled_once_though_the_attempt_ends_in_two_steps() -> None:
    timed_out = decide(a_running_run(), ev.DeadlinePassed(), now_ms=NOW_MS)
    canceled = decide(timed_out.run, ev.CancelRequested("asked"), now_ms=NOW_MS)
    gone = decide(canceled.run, ev.ContainerExited(EXIT, 143), now_ms=NOW_MS)
    effects = [type(effect) for decision in (timed_out, canceled, gone) for effect in decision.effects]
    assert effects == [ev.StopContainer, ev.CancelDescendants]


def test_an_attempt_that_never_ran_has_no_descendants_to_cancel() -> None:
    assert decide(a_starting_run(), ev.ErrorReported(ERROR), now_ms=NOW_MS).effects == (ev.AcknowledgeOutcome(),)
    assert decide(a_starting_run(), ev.ContainerExited(EXIT, 1), now_ms=NOW_MS).effects == ()


# --- the whole table ---

FAILURES = (ERROR, replace(ERROR, retryable=False), INFRA)
EVENTS: tuple[ev.Event, ...] = (
    ev.Claimed(NOW_MS + 5),
    ev.ShimReady(),
    ev.ResultReported(),
    *(ev.ErrorReported(failure) for failure in FAILURES),
    *(ev.ContainerExited(failure, 1) for failure in FAILURES),
    ev.ImageAwaited("its image is built again"),
    ev.DeadlinePassed(),
    ev.CancelRequested("asked"),
    ev.BackoffElapsed(),
    ev.QueueExpired(),
)


def _kind(run: Run) -> tuple[object, ...]:
    """All that a decision depends on."""
    return run.status, run.charged_failures, run.infra_failures, run.stop_cause, run.expires_at_ms


def _reachable() -> tuple[list[Run], set[tuple[Status, type[ev.Event], Status]]]:
    """A run of every kind that events can lead to, with one retry, and every step on the way."""
    steps = set()
    left = [a_run(retry=RetryPolicy(1, 1, 1.0), expires_at_ms=at_ms) for at_ms in (None, NOW_MS + 1)]
    runs = {_kind(run): run for run in left}
    while left:
        run = left.pop()
        for event in EVENTS:
            if (run.status, type(event)) in TABLE:
                changed = decide(run, event, now_ms=NOW_MS).run
                steps.add((run.status, type(event), changed.status))
                if _kind(changed) not in runs:
                    runs[_kind(changed)] = changed
                    left.append(changed)
    return list(runs.values()), steps


def test_every_kind_of_event_can_happen() -> None:
    assert {kind for _, kind in TABLE} == set(get_args(ev.Event)) == {type(event) for event in EVENTS}


def test_every_row_of_the_table_is_reached_and_leads_to_each_of_its_targets_and_nowhere_else() -> None:
    _, steps = _reachable()
    assert steps == {(row.status, row.event, target) for row in TABLE.values() for target in row.targets}


def test_every_event_outside_the_table_is_illegal_in_every_run_there_can_be_and_changes_nothing() -> None:
    runs, _ = _reachable()
    outside = [(run, event) for run in runs for event in EVENTS if (run.status, type(event)) not in TABLE]
    assert {run.status for run, _ in outside} == set(Status)
    for run, event in outside:
        before = deepcopy(run)
        with pytest.raises(IllegalEvent, match=f"run trn-1 is {run.status}, .* {type(event).__name__} does not apply"):
            decide(run, event, now_ms=NOW_MS)
        assert run == before


# --- random walks ---


def _event(kind: type[ev.Event], data: st.DataObject) -> ev.Event:
    failures = st.builds(
        Failure, st.sampled_from([c for c in FailureClass if c is not FailureClass.CANCELED]), st.just("x")
    )
    arguments: dict[type[ev.Event], st.SearchStrategy[ev.Event]] = {
        ev.Claimed: st.builds(ev.Claimed, st.integers(NOW_MS, NOW_MS + 10)),
        ev.ErrorReported: st.builds(ev.ErrorReported, st.builds(replace, failures, retryable=st.booleans())),
        ev.ContainerExited: st.builds(ev.ContainerExited, failures, st.integers(0, 255)),
        ev.ImageAwaited: st.just(ev.ImageAwaited("its image is built again")),
        ev.CancelRequested: st.just(ev.CancelRequested("asked")),
    }
    return data.draw(arguments[kind]) if kind in arguments else kind()  # type: ignore[call-arg]


@given(st.data(), st.integers(0, 3))
def test_every_walk_over_the_table_keeps_the_rules(data: st.DataObject, max_retries: int) -> None:
    """Only legal events are drawn: walks over illegal ones stop at once and prove nothing."""
    run = a_run(retry=RetryPolicy(max_retries, 10, 2.0))
    was_canceled = False
    for _ in range(data.draw(st.integers(1, 60))):
        legal = sorted((kind for status, kind in TABLE if status is run.status), key=lambda kind: kind.__name__)
        if not legal:
            break
        event = _event(data.draw(st.sampled_from(legal)), data)
        was_canceled = was_canceled or isinstance(event, ev.CancelRequested)
        decision = decide(run, event, now_ms=NOW_MS)
        _check_step(run, event, decision.run, decision.effects)
        run = decision.run
    assert (run.status is Status.CANCELED) <= was_canceled
    if run.is_terminal:
        assert (run.status is Status.CANCELED) == was_canceled


def _check_step(before: Run, event: ev.Event, run: Run, effects: tuple[ev.Effect, ...]) -> None:
    kinds = [type(effect) for effect in effects]
    assert run.status in TABLE[before.status, type(event)].targets
    assert run.fence == before.fence + isinstance(event, ev.Claimed)
    assert run.charged_failures <= run.retry.max_retries + 1
    assert run.infra_failures <= INFRA_RETRY.max_retries + 1
    assert (run.stop_cause is not None) == (run.status is Status.STOPPING)
    assert (run.attempt_deadline_at_ms is not None) == (run.status in {Status.STARTING, Status.RUNNING})
    assert (run.completed_at_ms is not None) == (run.status in TERMINAL)
    assert (ev.StopContainer in kinds) == (run.status is Status.STOPPING and before.status is not Status.STOPPING)
    assert (ev.AcknowledgeOutcome in kinds) == isinstance(event, ev.ResultReported | ev.ErrorReported)
    assert (ev.SendAssignment in kinds) == isinstance(event, ev.ShimReady)
    if isinstance(event, ev.ImageAwaited):
        assert (len(run.attempts), run.infra_failures) == (len(before.attempts) - 1, before.infra_failures)
    stopped_running = before.status is Status.RUNNING and run.status is not Status.COMPLETED
    assert (ev.CancelDescendants in kinds) == stopped_running, "an attempt that ends badly leaves no descendants"
