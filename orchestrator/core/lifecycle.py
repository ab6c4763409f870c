"""The life of a run: which event is legal in which state, and what follows.

Rule 1: every change of a run's status is decided here, and ``ALLOWED`` names all of them; docs/lifecycle.md is printed from it.
Rule 2: an event that is not in the table raises IllegalEvent, and nothing has changed. Late and duplicate events are normal
        (a container may report an outcome while it is being stopped), so callers ignore the error after logging it.
Rule 3: a cancel outranks a timeout, and both outrank an outcome that arrives later.
Rule 4: failures of ours (infra) have a budget of their own and never use up the task's retries.
Rule 5: nothing outlives the run's own deadline: no attempt gets more time than is left of it, and no retry begins after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, assert_never

from orchestrator.core import deadlines
from orchestrator.core import events as ev
from orchestrator.core.container.forensics import Forensics
from orchestrator.core.retry import INFRA_RETRY
from orchestrator.core.run import TERMINAL, Attempt, Failure, FailureClass, Run, Status

IMAGE_POLL_MS: Final = 2_000
"""Between two looks at whether an image that is being built again is there."""

_AFTER_FAILURE: Final = frozenset({Status.BACKOFF, Status.FAILED})

ALLOWED: Final[Mapping[tuple[Status, type[ev.Event]], frozenset[Status]]] = {
    (Status.QUEUED, ev.Claimed): frozenset({Status.STARTING}),
    (Status.QUEUED, ev.CancelRequested): frozenset({Status.CANCELED}),
    (Status.QUEUED, ev.QueueExpired): frozenset({Status.FAILED}),
    (Status.BACKOFF, ev.BackoffElapsed): frozenset({Status.QUEUED}),
    (Status.BACKOFF, ev.CancelRequested): frozenset({Status.CANCELED}),
    (Status.STARTING, ev.ShimReady): frozenset({Status.RUNNING}),
    (Status.STARTING, ev.ErrorReported): _AFTER_FAILURE,
    (Status.STARTING, ev.ContainerExited): _AFTER_FAILURE,
    (Status.STARTING, ev.ImageAwaited): _AFTER_FAILURE,
    (Status.STARTING, ev.DeadlinePassed): frozenset({Status.STOPPING}),
    (Status.STARTING, ev.CancelRequested): frozenset({Status.STOPPING}),
    (Status.RUNNING, ev.ResultReported): frozenset({Status.COMPLETED}),
    (Status.RUNNING, ev.ErrorReported): _AFTER_FAILURE,
    (Status.RUNNING, ev.ContainerExited): _AFTER_FAILURE,
    (Status.RUNNING, ev.DeadlinePassed): frozenset({Status.STOPPING}),
    (Status.RUNNING, ev.CancelRequested): frozenset({Status.STOPPING}),
    (Status.STOPPING, ev.ContainerExited): frozenset({Status.CANCELED, *_AFTER_FAILURE}),
    (Status.STOPPING, ev.CancelRequested): frozenset({Status.STOPPING}),
}


class IllegalEvent(Exception):  # noqa: N818
    """The event cannot happen in the run's state; the run is unchanged."""

    def __init__(self, run: Run, event: ev.Event) -> None:
        super().__init__(f"run {run.id} is {run.status}, attempt {run.attempt}: {type(event).__name__} does not apply")


@dataclass(frozen=True, slots=True)
class Decision:
    """The run after an event, and what must be done about it, in order."""

    run: Run
    effects: tuple[ev.Effect, ...] = ()


def decide(run: Run, event: ev.Event, *, now_ms: int) -> Decision:
    """What becomes of the run. Raises IllegalEvent when the event is not in `ALLOWED` for its status."""
    allowed = ALLOWED.get((run.status, type(event)))
    if allowed is None:
        raise IllegalEvent(run, event)
    decision = _decide(run, event, now_ms)
    assert decision.run.status in allowed, (
        f"{run.status} --{type(event).__name__}--> {decision.run.status} is not in the table"
    )
    return decision


def _decide(run: Run, event: ev.Event, now_ms: int) -> Decision:
    match event:
        case ev.Claimed(start_deadline_ms):
            return Decision(_claimed(run, start_deadline_ms, now_ms))
        case ev.ShimReady():
            return Decision(_assigned(run, now_ms), (ev.SendAssignment(),))
        case ev.ResultReported(forensics):
            return Decision(_completed(run, forensics, now_ms), (ev.AcknowledgeOutcome(),))
        case ev.ErrorReported(failure, forensics):
            return _failed(_seen(run, forensics), failure, None, now_ms, acknowledge=True)
        case ev.ContainerExited(failure, exit_code, forensics):
            return _failed(_seen(run, forensics), run.stop_cause or failure, exit_code, now_ms, acknowledge=False)
        case ev.ImageAwaited(reason):
            return Decision(_awaiting_image(run, reason, now_ms))
        case ev.DeadlinePassed():
            return _stopping(run, deadlines.cause(run, now_ms))
        case ev.QueueExpired():
            return Decision(_ended(run, Status.FAILED, deadlines.cause(run, now_ms), now_ms))
        case ev.CancelRequested(reason):
            return _cancel_requested(run, Failure(FailureClass.CANCELED, reason, retryable=False), now_ms)
        case ev.BackoffElapsed():
            return Decision(replace(run, status=Status.QUEUED, due_at_ms=now_ms))
    assert_never(event)


def _claimed(run: Run, start_deadline_ms: int, now_ms: int) -> Run:
    attempt = Attempt(number=len(run.attempts), claimed_at_ms=now_ms)
    return replace(
        run,
        status=Status.STARTING,
        fence=run.fence + 1,
        attempts=(*run.attempts, attempt),
        attempt_deadline_at_ms=deadlines.within_run(run, start_deadline_ms),
    )


def _assigned(run: Run, now_ms: int) -> Run:
    run = replace(run, waits_for=None)
    attempt = replace(run.attempts[-1], status=Status.RUNNING, started_at_ms=now_ms)
    attempt_deadline_at_ms = deadlines.within_run(run, now_ms + run.timeout_s * 1000)
    return replace(_with_attempt(run, attempt), status=Status.RUNNING, attempt_deadline_at_ms=attempt_deadline_at_ms)


def _awaiting_image(run: Run, reason: str, now_ms: int) -> Run:
    """As if it had not been claimed."""
    run = replace(run, attempts=run.attempts[:-1], waits_for=reason)
    due_at_ms = now_ms + IMAGE_POLL_MS
    if deadlines.is_over(run, due_at_ms):
        return _ended(run, Status.FAILED, deadlines.cause(run, due_at_ms), now_ms)
    return replace(run, status=Status.BACKOFF, due_at_ms=due_at_ms, attempt_deadline_at_ms=None)


def _completed(run: Run, forensics: Forensics, now_ms: int) -> Run:
    attempt = replace(run.attempts[-1], forensics=forensics, status=Status.COMPLETED, ended_at_ms=now_ms)
    return _ended(_with_attempt(run, attempt), Status.COMPLETED, None, now_ms)


def _seen(run: Run, forensics: Forensics) -> Run:
    return _with_attempt(run, replace(run.attempts[-1], forensics=forensics))


def _stopping(run: Run, cause: Failure) -> Decision:
    stopping = replace(run, status=Status.STOPPING, stop_cause=cause, attempt_deadline_at_ms=None)
    return Decision(stopping, (ev.StopContainer(cause.message), ev.CancelDescendants(cause.message)))


def _cancel_requested(run: Run, cause: Failure, now_ms: int) -> Decision:
    if run.status in (Status.QUEUED, Status.BACKOFF):
        return Decision(_ended(run, Status.CANCELED, cause, now_ms), (ev.CancelDescendants(cause.message),))
    return _stopping(run, cause)


def _failed(run: Run, failure: Failure, exit_code: int | None, now_ms: int, *, acknowledge: bool) -> Decision:
    """The attempt is over without a result: the run is tried again if its budget allows."""
    canceled = failure.cls is FailureClass.CANCELED
    attempt = replace(
        run.attempts[-1],
        status=Status.CANCELED if canceled else Status.FAILED,
        started_at_ms=run.attempts[-1].started_at_ms or run.attempts[-1].claimed_at_ms,
        ended_at_ms=now_ms,
        failure=failure,
        exit_code=exit_code,
    )
    run = _charged(_with_attempt(run, attempt), failure)
    wait_ms = _wait_ms(run, failure)
    if canceled:
        run = _ended(run, Status.CANCELED, failure, now_ms)
    elif wait_ms is None or deadlines.is_over(run, now_ms + wait_ms):
        run = _ended(run, Status.FAILED, failure, now_ms)
    else:
        run = replace(
            run, status=Status.BACKOFF, due_at_ms=now_ms + wait_ms, attempt_deadline_at_ms=None, stop_cause=None
        )
    effects: list[ev.Effect] = [ev.AcknowledgeOutcome()] if acknowledge else []
    return Decision(run, (*effects, ev.CancelDescendants("the parent's attempt failed")))


def _charged(run: Run, failure: Failure) -> Run:
    if failure.cls is FailureClass.INFRA:
        return replace(run, infra_failures=run.infra_failures + 1)
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


def _with_attempt(run: Run, attempt: Attempt) -> Run:
    return replace(run, attempts=(*run.attempts[:-1], attempt))
