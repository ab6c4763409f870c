"""How a version begins and is released: its document, and the commands of a pipeline that store it with all that names it."""

from __future__ import annotations

from orchestrator.core.tasks import TaskDraft, TaskSpec
from orchestrator.core.workflow import Version, VersionStatus, Workflow
from orchestrator.store import ids, keys
from orchestrator.store.connection import Client
from orchestrator.store.documents import dump_version, dump_workflow
from orchestrator.store.env_cipher import EnvCipher


def new_version(workflow: Workflow, number: int, commit: str | None, now_ms: int) -> Version:
    """What is deployed now of the workflow, not built yet."""
    return Version(
        id=ids.new_id(ids.VERSION, now_ms),
        workflow_id=workflow.id,
        number=number,
        status=VersionStatus.CREATED,
        image="",
        start_command=workflow.start_command,
        entry_point="",
        env=workflow.env,
        tasks=(),
        created_at_ms=now_ms,
        source=workflow.source,
        commit=commit,
        env_revision=workflow.env_revision,
        inputs=workflow.inputs,
    )


def store_queued(
    pipe: Client, *, known: Workflow, version: Version, packed: bytes | str | None, cipher: EnvCipher
) -> None:
    """Store a version that waits for its build; `packed` is the archive itself, or the id of an upload."""
    # Set as it is, so that of two versions made at once one is made again, with the next number.
    pipe.set(keys.workflow(known.id), dump_workflow(known, cipher))
    pipe.hset(keys.NUMBERS, known.id, version.number)
    if isinstance(packed, str):
        pipe.rename(keys.upload(packed), keys.archive(version.id))
        pipe.persist(keys.archive(version.id))
    elif packed is not None:
        pipe.rpush(keys.archive(version.id), packed)
    pipe.set(keys.version(version.id), dump_version(version, cipher))
    pipe.zadd(keys.VERSIONS, {version.id: 0})
    pipe.zadd(keys.versions_of(known.id), {version.id: 0})
    pipe.rpush(keys.BUILDS, version.id)


def task_spec(draft: TaskDraft, task_id: str) -> TaskSpec:
    """A task as its version keeps it."""
    return TaskSpec(
        task_id,
        draft.name,
        draft.plan,
        draft.timeout_s,
        draft.retry,
        draft.parameters,
        draft.signature,
        draft.warm,
        draft.network,
        draft.is_open,
    )


def store_released(pipe: Client, *, workflow: Workflow, version: Version, cipher: EnvCipher) -> None:
    """Store a version whose tasks are known, and the workflow that serves it."""
    pipe.set(keys.workflow(workflow.id), dump_workflow(workflow, cipher))
    pipe.set(keys.version(version.id), dump_version(version, cipher))
    for task in version.tasks:
        pipe.hset(keys.task_ids(workflow.id), task.name, task.id)
        pipe.hset(keys.TASKS, task.id, f"{workflow.id}/{task.name}")
