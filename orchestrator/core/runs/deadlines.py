"""How long a run may take: in the queue, to start, for one attempt, and altogether."""

from __future__ import annotations

from orchestrator.core.runs.run import Failure, FailureClass, Run, Status


def timer_ms(run: Run) -> int | None:
    """When a run without a container must be looked at again: its wait is over, or it has waited too long. None for never."""
    if run.status is Status.BACKOFF:
        return run.due_at_ms
    if run.status is Status.QUEUED:
        return within_run(run, _queue_deadline_ms(run))
    return None


def within_run(run: Run, deadline_ms: int | None) -> int | None:
    """The deadline, or the whole run's where that is earlier."""
    return min((at for at in (deadline_ms, run.expires_at_ms) if at is not None), default=None)


def is_over(run: Run, at_ms: int) -> bool:
    """Whether the whole run's deadline has passed then."""
    return run.expires_at_ms is not None and at_ms >= run.expires_at_ms


def cause(run: Run, now_ms: int) -> Failure:
    """Which deadline it was, in words a person can act on."""
    if is_over(run, now_ms):
        assert run.expires_at_ms is not None
        whole_s = (run.expires_at_ms - run.created_at_ms) / 1000
        message = f"the run did not end within its deadline of {whole_s:g} seconds, which counts waiting and retries"
        return Failure(FailureClass.TIMEOUT, message, retryable=False)
    return Failure(FailureClass.TIMEOUT, _attempt_cause(run))


def _attempt_cause(run: Run) -> str:
    if run.status is Status.QUEUED:
        return (
            f"the run waited {run.queue_ttl_s} seconds in the queue and was not started: the host is busy with other runs; "
            "give it more capacity, or this run more time (queueTimeoutSeconds)"
        )
    if run.status is Status.STARTING:
        return (
            "the container did not load the user's code in time: importing it took too long, or the host is overloaded"
        )
    return f"the attempt ran longer than its timeout of {run.timeout_s} seconds"


def _queue_deadline_ms(run: Run) -> int | None:
    return None if run.queue_ttl_s is None else run.due_at_ms + run.queue_ttl_s * 1000
