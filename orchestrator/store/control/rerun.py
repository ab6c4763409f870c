"""Do a run again."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.core.runs import submission
from orchestrator.core.runs.annotations import Annotations
from orchestrator.core.runs.run import Run
from orchestrator.core.task_input.arguments import refusal_of_text
from orchestrator.core.tasks import TaskSpec
from orchestrator.core.workflow import Version
from orchestrator.host.apart import computed, is_quick
from orchestrator.store import ids
from orchestrator.store.runs.store import Disposition, RunStore
from orchestrator.store.workflows.store import Unknown, WorkflowStore


class CannotRerun(ValueError):  # noqa: N818
    """There is nothing to do the run again with; the message says what to do instead."""


class WrongInput(ValueError):  # noqa: N818
    """The task does not take the input; the message says what it takes."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be other than in the run that is done again; `input_json` is None for the same input."""

    input_json: str | None = None
    on_current_version: bool = False


AS_IT_WAS = Changes()


async def rerun(  # each a different thing, by name
    runs: RunStore,
    workflows: WorkflowStore,
    run_id: str,
    changes: Changes = AS_IT_WAS,
    *,
    now_ms: int,
    idempotency_key: str = "",
    traceparent: str | None = None,
) -> tuple[Run, bool]:
    """The new run, and whether this made it: a repeated `idempotency_key` gives the first one again, for 24 hours.

    Raises RunNotFound, CannotRerun, WrongInput.
    """
    stored = await runs.get_stored(run_id)
    version, task = await _what(workflows, stored.run, changes)
    input_json = stored.input if changes.input_json is None else changes.input_json
    if changes != AS_IT_WAS and (wrong := await _misfit(task, input_json)):
        raise WrongInput(wrong)
    new_id = ids.new_id(ids.RUN, now_ms)
    said = Annotations(stored.annotations.tags, stored.annotations.metadata)
    run = submission.rerun(new_id, stored.run, version, task, now_ms=now_ms, traceparent=traceparent)
    disposition, made_id = await runs.create(run, input_json, said, idempotency_key=idempotency_key)
    if disposition is Disposition.RETIRED:
        raise _gone(stored.run)
    return (run, True) if made_id == new_id else (await runs.get(made_id), False)


async def _misfit(task: TaskSpec, input_json: str) -> str | None:
    if is_quick(input_json):
        return refusal_of_text(task, input_json)
    return await computed(refusal_of_text, task, input_json)


async def _what(workflows: WorkflowStore, run: Run, changes: Changes) -> tuple[Version, TaskSpec]:
    """The version and task to do it with. Raises CannotRerun."""
    if changes.on_current_version:
        try:
            found = await workflows.resolve(f"{run.workflow_id}/{run.task}")
            return found.version, found.task
        except Unknown as error:
            raise CannotRerun(f"run {run.id} cannot be done again on its workflow's current version: {error}") from None
    try:
        version = await workflows.version(run.version_id)
    except Unknown:
        raise _gone(run) from None
    task = version.task(run.task)
    if task is None:
        raise _gone(run)
    return version, task


def _gone(run: Run) -> CannotRerun:
    return CannotRerun(
        f"run {run.id} cannot be done again as it was: its version {run.version_id} was removed; "
        "do it again on the workflow's current version (version: current, or --current)"
    )
