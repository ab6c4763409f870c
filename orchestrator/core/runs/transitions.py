"""What each event does to a run, and what must then be done; which of them applies when is the table's in lifecycle.py.

Rule 1: a cancel outranks a timeout, and both outrank an outcome that arrives later.
Rule 2: failures of ours (infra) have a budget of their own and never use up the task's retries.
Rule 3: nothing outlives the run's own deadline: no attempt gets more time than is left of it, and no retry begins after it.
Rule 4: only a running attempt can ask for chained runs. They are canceled once, when it stops running without a result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs import deadlines
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.retry import INFRA_RETRY
from orchestrator.core.runs.run import TERMINAL, Attempt, Failure, FailureClass, Run, Status

WHOLE_FAILURES: Final = 10
"""So many of the newest attempts keep all that is known of their failure; a run may have a thousand."""
BRIEF_CHARS: Final = 200
"""What the older ones keep of its message."""
IMAGE_POLL_MS: Final = 2_000
"""Between two looks at whether an image that is being built again is there."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The run after an event, and what must be done about it, in order."""

    run: Run
    effects: tuple[ev.Effect, ...] = ()


# --- without a container ---


def claim(run: Run, event: ev.Claimed, now_ms: int) -> Decision:
    """The next attempt begins."""
    attempt = Attempt(len(run.attempts), now_ms, channel_id=event.channel_id, queued_at_ms=run.due_at_ms)
    claimed = replace(
        run,
        status=Status.STARTING,
        fence=run.fence + 1,
        attempts=(*run.attempts, attempt),
        attempt_deadline_at_ms=deadlines.within_run(run, event.start_deadline_ms),
    )
    return Decision(claimed)


def expire(run: Run, event: ev.QueueExpired, now_ms: int) -> Decision:
    """It waited for too long."""
    return Decision(_ended(run, Status.FAILED, deadlines.cause(run, now_ms), now_ms))


def cancel(run: Run, event: ev.CancelRequested, now_ms: int) -> Decision:
    """There is nothing to stop; what earlier attempts asked for was canceled as they ended."""
    return Decision(_ended(run, Status.CANCELED, _canceled(event), now_ms))


def queue_again(run: Run, event: ev.BackoffElapsed, now_ms: int) -> Decision:
    """It waits for capacity, and its time in the queue counts from now."""
    return Decision(replace(run, status=Status.QUEUED, due_at_ms=now_ms))


# --- with a container ---


def assign(run: Run, event: ev.ShimReady, now_ms: int) -> Decision:
    """The task begins, and its timeout counts from now."""
    attempt = replace(run.attempts[-1], status=Status.RUNNING, started_at_ms=now_ms, forensics=event.forensics)
    deadline_ms = deadlines.within_run(run, now_ms + run.timeout_s * 1000)
    running = replace(
        _with_attempt(run, attempt), status=Status.RUNNING, attempt_deadline_at_ms=deadline_ms, waits_for=None
    )
    return Decision(running, (ev.SendAssignment(),))


def await_image(run: Run, event: ev.ImageAwaited, now_ms: int) -> Decision:
    """As if it had not been claimed, but for the wait until it is looked at again."""
    run = replace(run, attempts=run.attempts[:-1], waits_for=event.reason)
    due_at_ms = now_ms + IMAGE_POLL_MS
    if deadlines.is_over(run, due_at_ms):
        return Decision(_ended(run, Status.FAILED, deadlines.cause(run, due_at_ms), now_ms))
    return Decision(replace(run, status=Status.BACKOFF, due_at_ms=due_at_ms, attempt_deadline_at_ms=None))


def complete(run: Run, event: ev.ResultReported, now_ms: int) -> Decision:
    """The one good end."""
    attempt = replace(run.attempts[-1], forensics=event.forensics, status=Status.COMPLETED, ended_at_ms=now_ms)
    completed = _ended(_with_attempt(run, attempt), Status.COMPLETED, None, now_ms)
    completed = replace(completed, result_is_boxed=event.is_boxed)
    return Decision(completed, (ev.AcknowledgeOutcome(),))


def report_error(run: Run, event: ev.ErrorReported, now_ms: int) -> Decision:
    """The attempt ended by the task's own account."""
    after = _attempt_failed(_seen(run, event.forensics), event.failure, None, now_ms)
    return Decision(after, (ev.AcknowledgeOutcome(), *_abandon(run, "the parent's attempt failed")))


def lose_container(run: Run, event: ev.ContainerExited, now_ms: int) -> Decision:
    """The attempt ended without a word of the task."""
    after = _attempt_failed(_seen(run, event.forensics), event.failure, event.exit_code, now_ms)
    return Decision(after, _abandon(run, "the parent's attempt failed"))


def time_out(run: Run, event: ev.DeadlinePassed, now_ms: int) -> Decision:
    """The attempt is to be ended."""
    return _stop(run, deadlines.cause(run, now_ms))


def stop(run: Run, event: ev.CancelRequested, now_ms: int) -> Decision:
    """The run is to be ended."""
    return _stop(run, _canceled(event))


# --- while the container is being stopped ---


def outrank(run: Run, event: ev.CancelRequested, now_ms: int) -> Decision:
    """It is being stopped already, but now it will not be tried again."""
    return Decision(replace(run, stop_cause=_canceled(event)))


def finish_stop(run: Run, event: ev.ContainerExited, now_ms: int) -> Decision:
    """The container is gone, and why it was stopped is what became of the attempt."""
    failure = run.stop_cause or event.failure
    return Decision(_attempt_failed(_seen(run, event.forensics), failure, event.exit_code, now_ms))


# --- parts of them ---


def _canceled(event: ev.CancelRequested) -> Failure:
    return Failure(FailureClass.CANCELED, event.reason, retryable=False)


def _stop(run: Run, cause: Failure) -> Decision:
    stopping = replace(run, status=Status.STOPPING, stop_cause=cause, attempt_deadline_at_ms=None)
    return Decision(stopping, (ev.StopContainer(cause.message), *_abandon(run, cause.message)))


def _abandon(run: Run, reason: str) -> tuple[ev.Effect, ...]:
    return (ev.CancelDescendants(reason),) if run.status is Status.RUNNING else ()


def _attempt_failed(run: Run, failure: Failure, exit_code: int | None, now_ms: int) -> Run:
    """The attempt is over without a result: the run is tried again if its budget allows."""
    is_canceled = failure.cls is FailureClass.CANCELED
    attempt = replace(
        run.attempts[-1],
        status=Status.CANCELED if is_canceled else Status.FAILED,
        started_at_ms=run.attempts[-1].started_at_ms or run.attempts[-1].claimed_at_ms,
        ended_at_ms=now_ms,
        failure=failure,
        exit_code=exit_code,
    )
    run = _charged(_with_attempt(run, attempt), failure)
    run = replace(run, attempts=(*map(_briefly, run.attempts[:-WHOLE_FAILURES]), *run.attempts[-WHOLE_FAILURES:]))
    wait_ms = _wait_ms(run, failure)
    if is_canceled:
        return _ended(run, Status.CANCELED, failure, now_ms)
    if wait_ms is None or deadlines.is_over(run, now_ms + wait_ms):
        return _ended(run, Status.FAILED, failure, now_ms)
    return replace(run, status=Status.BACKOFF, due_at_ms=now_ms + wait_ms, attempt_deadline_at_ms=None, stop_cause=None)


def _briefly(attempt: Attempt) -> Attempt:
    failure = attempt.failure
    if failure is None or (not failure.traceback and len(failure.message) <= BRIEF_CHARS):
        return attempt
    message = failure.message if len(failure.message) <= BRIEF_CHARS else f"{failure.message[: BRIEF_CHARS - 1]}…"
    return replace(attempt, failure=replace(failure, message=message, traceback=""))


def _charged(run: Run, failure: Failure) -> Run:
    """A kill for memory that is ours was one because less than the plan had been reserved."""
    if failure.cls is FailureClass.INFRA:
        ran_short = bool(run.attempts[-1].forensics.measured.oom_kills)
        return replace(run, infra_failures=run.infra_failures + 1, reserves_plan=run.reserves_plan or ran_short)
    return replace(run, charged_failures=run.charged_failures + 1)


def _wait_ms(run: Run, failure: Failure) -> int | None:
    """Milliseconds until the next attempt, or None when there is none."""
    infra = failure.cls is FailureClass.INFRA
    policy, failures = (INFRA_RETRY, run.infra_failures) if infra else (run.retry, run.charged_failures)
    if not failure.retryable or failures > policy.max_retries:
        return None
    return policy.wait_ms(failures - 1)


def _ended(run: Run, status: Status, failure: Failure | None, now_ms: int) -> Run:
    assert status in TERMINAL
    return replace(
        run,
        status=status,
        failure=failure,
        completed_at_ms=now_ms,
        attempt_deadline_at_ms=None,
        stop_cause=None,
        waits_for=None,
    )


def _seen(run: Run, forensics: Forensics) -> Run:
    return _with_attempt(run, replace(run.attempts[-1], forensics=forensics))


def _with_attempt(run: Run, attempt: Attempt) -> Run:
    return replace(run, attempts=(*run.attempts[:-1], attempt))
