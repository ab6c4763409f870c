"""From the core's values to the public shapes; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from orchestrator.api import schemas
from orchestrator.api.responses import encode, moment
from orchestrator.core.container.exits import signal_of
from orchestrator.core.container.forensics import advice
from orchestrator.core.runs.annotations import NOTHING_SAID, Annotations, Progress
from orchestrator.core.runs.retry import RetryPolicy
from orchestrator.core.runs.run import WIRE_STATUS, Attempt, Failure, Run, Status
from orchestrator.core.tasks import TaskSpec
from orchestrator.core.workflow import Version, Workflow
from orchestrator.store.control.pauses import Pause
from orchestrator.store.runs.indexes import WORDS
from orchestrator.store.runs.listing import Counts
from orchestrator.store.runs.store import Stored

_SHORT_CHARS: Final = 200


def task_run(run: Run, slug: str | None, said: Annotations = NOTHING_SAID) -> schemas.TaskRun:
    """The run, and what is said about it; `slug` is its workflow's, None when that is gone."""
    return schemas.TaskRun(
        **_summary(run, slug, said),
        attempts=[schemas.TaskAttempt(**one) for one in _attempts(run)],
        failure=_in_short(_newest_failure(run)),
    )


def details(stored: Stored, slug: str | None) -> str:
    """The run with its input and outcome, as JSON text: what users gave and returned is passed on as it was stored."""
    run = stored.run
    result = stored.result if run.status is Status.COMPLETED else None
    return encode(_outcome(stored, slug, result), input=stored.input, results=_results(result))


def _outcome(stored: Stored, slug: str | None, result: str | None) -> schemas.TaskRunOutcome:
    run = stored.run
    started = [attempt for attempt in run.attempts if attempt.started_at_ms is not None]
    return schemas.TaskRunOutcome(
        **_summary(run, slug, stored.annotations),
        attempts=[
            schemas.TaskAttemptDetails(**fields, **_ending(attempt, run.plan))
            for fields, attempt in zip(_attempts(run), started, strict=True)
        ],
        error=error(run.failure) if run.status is Status.FAILED else None,
        failure=failure(run.failure),
        result_is_list=None if result is None else _is_list(result) and not run.result_is_boxed,
    )


def error(found: Failure | None) -> str | None:
    """The message clients raise; never empty, because they take a run without one for a good one."""
    if found is None:
        return None
    return found.message or found.type or f"the task failed: {found.cls}"


def failure(found: Failure | None) -> schemas.Failure | None:
    """The failure in full."""
    if found is None:
        return None
    child = found.child
    return schemas.Failure(
        class_=found.cls.value,
        message=found.message,
        type=found.type or None,
        traceback=found.traceback or None,
        child_task_run_id=child.run_id if child else None,
        child_task=child.task if child else None,
        child_type=child.type if child else None,
    )


def progress(found: Progress | None) -> schemas.Progress | None:
    """How far an attempt is."""
    if found is None:
        return None
    return schemas.Progress(fraction=found.fraction, message=found.message, at=moment(found.at_ms))


def counts(found: Counts) -> schemas.RunCounts:
    """How many runs there are."""
    return schemas.RunCounts(
        **_by_word(found.totals),
        per_minute=[
            schemas.MinuteOfRuns(at=moment(at_ms), **_by_word(counted)) for at_ms, counted in found.by_minute.items()
        ],
        is_complete=found.is_complete,
    )


def _by_word(counted: Mapping[str, int]) -> dict[str, int]:
    return {word: counted.get(word, 0) for word in WORDS}


def _newest_failure(run: Run) -> Failure | None:
    """The run's when it failed, and its last attempt's while it waits for the next."""
    if run.status is Status.BACKOFF:
        return run.attempts[-1].failure
    return run.failure if run.status is Status.FAILED else None


def _in_short(found: Failure | None) -> schemas.FailureInShort | None:
    if found is None:
        return None
    message = (error(found) or "").strip().partition("\n")[0]
    child = found.child
    return schemas.FailureInShort(
        class_=found.cls.value,
        message=message[:_SHORT_CHARS],
        type=found.type or None,
        child_task_run_id=child.run_id if child else None,
        child_task=child.task if child else None,
        child_type=child.type if child else None,
    )


def task(spec: TaskSpec, version: Version, slug: str, pause: Pause | None = None) -> schemas.Task:
    """The task as a version has it."""
    return schemas.Task(
        id=spec.id,
        name=spec.name,
        slug=f"{slug}/{spec.name}",
        created_at=moment(version.created_at_ms),
        workflow_id=version.workflow_id,
        workflow_version_id=version.id,
        plan=spec.plan,
        timeout_seconds=spec.timeout_s,
        retry=_retry(spec.retry),
        parameters=[
            schemas.Parameter(
                name=one.name,
                has_default=one.has_default,
                type=one.type,
                default=one.default_json,
                kind=one.kind,
                schema=None if one.schema_json is None else json.loads(one.schema_json),
            )
            for one in spec.parameters
        ],
        signature=spec.signature,
        warm=spec.warm.mode,
        warm_min=spec.warm.minimum,
        network=list(spec.network),
        **_pause(pause),
    )


def workflow(found: Workflow, pause: Pause | None = None) -> schemas.Workflow:
    """The workflow, without the values of its variables."""
    source = found.source
    return schemas.Workflow(
        id=found.id,
        name=found.name,
        slug=found.slug,
        owner_id=found.labels.owner_id,
        environment_id=found.labels.environment_id,
        created_at=moment(found.created_at_ms),
        updated_at=moment(found.updated_at_ms),
        build_config=schemas.BuildConfig(
            build_command=source.build_command,
            repo=source.location,
            runtime=source.runtime,
            branch=source.branch,
            root_dir=source.root_dir,
        ),
        run_command=found.start_command,
        region=found.labels.region,
        auto_deploy_trigger=found.labels.auto_deploy_trigger,
        workflow_version_id=found.version_id,
        env_var_keys=sorted(found.env),
        env_var_revision=found.env_revision,
        **_pause(pause),
    )


def _pause(found: Pause | None) -> dict[str, Any]:
    return {"paused_at": moment(found.paused_at_ms), "pause_reason": found.reason or None} if found else {}


def version(found: Version) -> schemas.WorkflowVersion:
    """The version, without the values of its variables."""
    return schemas.WorkflowVersion(
        id=found.id,
        workflow_id=found.workflow_id,
        name=f"v{found.number}",
        number=found.number,
        created_at=moment(found.created_at_ms),
        status=found.status.value,
        tasks=[spec.name for spec in found.tasks],
        env_var_keys=sorted(found.env),
        env_var_revision=found.env_revision,
        image=found.image or None,
        commit=found.commit,
        error=found.error,
    )


def env_var(of: Workflow, name: str) -> schemas.EnvVar:
    """A variable of the workflow, without its value."""
    return schemas.EnvVar(key=name, updated_at=moment(of.env_set_at_ms.get(name, of.created_at_ms)))


def _summary(run: Run, slug: str | None, said: Annotations) -> dict[str, Any]:
    started = [attempt.started_at_ms for attempt in run.attempts if attempt.started_at_ms is not None]
    return {
        "id": run.id,
        "task_id": run.task_id,
        "task": run.task,
        "task_slug": f"{slug}/{run.task}" if slug else None,
        "workflow_id": run.workflow_id,
        "workflow_version_id": run.version_id,
        "plan": run.plan,
        "status": WIRE_STATUS[run.status],
        "created_at": moment(run.created_at_ms),
        "started_at": _moment(started[0] if started else None),
        "completed_at": _moment(run.completed_at_ms),
        "retry_at": _moment(run.due_at_ms if run.status is Status.BACKOFF else None),
        "deadline_at": _moment(run.expires_at_ms),
        "waits_for": run.waits_for,
        "parent_task_run_id": run.parent_id or "",
        "parent_task_attempt": run.call.attempt if run.call else None,
        "root_task_run_id": run.root_id,
        "rerun_of": run.rerun_of,
        "tags": list(said.tags),
        "metadata": dict(said.metadata),
        "progress": progress(said.progress_of(run.attempt)),
        "retries": max(0, len(started) - 1),
    }


def _attempts(run: Run) -> list[dict[str, Any]]:
    before = [run.created_at_ms, *(attempt.ended_at_ms or attempt.claimed_at_ms for attempt in run.attempts)]
    return [
        {
            "attempt": attempt.number,
            "status": WIRE_STATUS[attempt.status],
            "task_run_id": run.id,
            "enqueued_at": moment(enqueued_at_ms),
            "started_at": moment(attempt.started_at_ms),
            "completed_at": _moment(attempt.ended_at_ms),
        }
        for enqueued_at_ms, attempt in zip(before, run.attempts, strict=False)
        if attempt.started_at_ms is not None
    ]


def _ending(attempt: Attempt, plan: str) -> dict[str, Any]:
    return {
        "error": error(attempt.failure) if attempt.status is Status.FAILED else None,
        "failure": failure(attempt.failure),
        "exit_code": attempt.exit_code,
        "forensics": _forensics(attempt, plan),
    }


def _forensics(attempt: Attempt, plan: str) -> schemas.Forensics:
    found, used = attempt.forensics, attempt.forensics.measured
    return schemas.Forensics(
        image=found.image,
        started_ahead=found.is_warm,
        signal=signal_of(attempt.exit_code),
        memory_limit_bytes=found.memory_limit_bytes,
        peak_memory_bytes=used.peak_memory_bytes,
        cpu_ms=used.cpu_ms,
        throttled_ms=used.throttled_ms,
        oom_kills=used.oom_kills,
        timings=_timings(attempt),
        advice=list(advice(found, plan, _working_ms(attempt))),
    )


def _timings(attempt: Attempt) -> schemas.Timings:
    found = attempt.forensics
    return schemas.Timings(
        queued_at=_moment(attempt.queued_at_ms),
        claimed_at=moment(attempt.claimed_at_ms),
        created_at=_moment(found.created_at_ms),
        container_started_at=_moment(found.container_started_at_ms),
        ready_at=_moment(found.ready_at_ms),
        assigned_at=_moment(attempt.assigned_at_ms),
        first_line_at=_moment(found.first_line_at_ms),
        finished_at=_moment(attempt.ended_at_ms),
        acknowledged_at=_moment(found.acknowledged_at_ms),
        removed_at=_moment(found.removed_at_ms),
        load_ms=found.load_ms,
    )


def _working_ms(attempt: Attempt) -> int | None:
    if attempt.ended_at_ms is None:
        return None
    began_at_ms = None if attempt.forensics.is_warm else attempt.forensics.container_started_at_ms
    return attempt.ended_at_ms - (began_at_ms or attempt.started_at_ms or attempt.claimed_at_ms)


def _results(result: str | None) -> str:
    if result is None:
        return "[]"
    return result if _is_list(result) else f"[{result}]"


def _is_list(result: str) -> bool:
    return result.startswith("[")


def _retry(policy: RetryPolicy) -> schemas.Retry:
    return schemas.Retry(
        max_retries=policy.max_retries, wait_duration_ms=policy.wait_duration_ms, backoff_scaling=policy.backoff_scaling
    )


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else moment(at_ms)
