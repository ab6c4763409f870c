"""How a request becomes a run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestrator.core.runs.run import Call, Run
from orchestrator.core.tasks import TaskSpec
from orchestrator.core.workflow import Version


@dataclass(frozen=True, slots=True)
class RunLimits:
    """How long a run may wait for capacity, and take altogether; None is no limit."""

    queue_ttl_s: int | None = None
    deadline_s: int | None = None


def root_run(
    run_id: str,
    version: Version,
    task: TaskSpec,
    *,
    now_ms: int,
    limits: RunLimits = RunLimits(),
    traceparent: str | None = None,
) -> Run:
    """A run asked for from outside: the first of its tree."""
    run = _run(run_id, version.workflow_id, version.id, task, root_id=run_id, depth=0, call=None, now_ms=now_ms)
    expires_at_ms = None if limits.deadline_s is None else now_ms + limits.deadline_s * 1000
    return replace(run, queue_ttl_s=limits.queue_ttl_s, expires_at_ms=expires_at_ms, traceparent=traceparent)


def rerun(
    run_id: str, of: Run, version: Version, task: TaskSpec, *, now_ms: int, traceparent: str | None = None
) -> Run:
    """A run that does another one again, as the first of a tree of its own, with as much time as that one was given."""
    deadline_s = None if of.expires_at_ms is None else max(1, (of.expires_at_ms - of.created_at_ms) // 1000)
    limits = RunLimits(of.queue_ttl_s, deadline_s)
    run = root_run(run_id, version, task, now_ms=now_ms, limits=limits, traceparent=traceparent)
    return replace(run, rerun_of=of.id)


def chained_run(
    run_id: str, parent: Run, number: int, task: TaskSpec, *, now_ms: int, traceparent: str | None = None
) -> Run:
    """A run asked for by the parent's current attempt as its call `number`; it belongs to the parent's version.

    It may wait for capacity as long as its parent might; the parent's own deadlines reach it when the parent is stopped.
    """
    run = _run(
        run_id,
        parent.workflow_id,
        parent.version_id,
        task,
        root_id=parent.root_id,
        depth=parent.depth + 1,
        call=Call(parent.id, parent.attempt, number),
        now_ms=now_ms,
    )
    return replace(run, queue_ttl_s=parent.queue_ttl_s, traceparent=traceparent)


def _run(  # noqa: PLR0913
    run_id: str,
    workflow_id: str,
    version_id: str,
    task: TaskSpec,
    *,
    root_id: str,
    depth: int,
    call: Call | None,
    now_ms: int,
) -> Run:
    return Run(
        id=run_id,
        workflow_id=workflow_id,
        version_id=version_id,
        task_id=task.id,
        task=task.name,
        plan=task.plan,
        timeout_s=task.timeout_s,
        retry=task.retry,
        root_id=root_id,
        depth=depth,
        call=call,
        created_at_ms=now_ms,
        due_at_ms=now_ms,
    )
