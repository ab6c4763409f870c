"""Workflows, their versions and the tasks these registered."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeAlias

from redis.exceptions import WatchError

from orchestrator.core.near import did_you_mean
from orchestrator.core.tasks import TaskDraft, TaskSpec
from orchestrator.core.variables import with_env
from orchestrator.core.workflow import NO_INPUTS, BuildInputs, Source, Version, VersionStatus, Workflow
from orchestrator.store import ids, keys
from orchestrator.store.connection import Client
from orchestrator.store.documents import dump_version, dump_workflow, load_version, load_workflow
from orchestrator.store.env_cipher import EnvCipher
from orchestrator.store.workflows.builds import Builds
from orchestrator.store.workflows.uploads import Uploads
from orchestrator.store.workflows.versions import new_version, store_queued, store_released, task_spec

Commands: TypeAlias = Callable[[Client], None]
"""Adds commands to a pipeline."""


class Unknown(LookupError):  # noqa: N818
    """There is no such workflow, version or task; the message says which and what to do."""


class Taken(ValueError):  # noqa: N818
    """There is such a workflow already; the message says which and what to do."""


class Target(NamedTuple):
    """What a request for a task means; `digest` is of its workflow as it was then, empty where the request names a version."""

    version: Version
    task: TaskSpec
    digest: str


class WorkflowStore:
    """All workflows."""

    def __init__(self, client: Client, binary: Client, cipher: EnvCipher) -> None:
        """`binary` is a client of the same store whose answers are bytes, for archives; `cipher` has the store's key."""
        self.builds = Builds(client, binary)
        self.uploads = Uploads(binary)
        self._client = client
        self._binary = binary
        self._cipher = cipher
        self._ready: dict[str, Version] = {}
        self._ids: dict[str, str] = {}

    async def create(self, workflow: Workflow) -> Workflow:
        """Store a new workflow, with an id of its own. Raises Taken."""
        workflow = replace(workflow, id=ids.new_id(ids.WORKFLOW, workflow.created_at_ms))
        async with self._client.pipeline(transaction=True) as pipe:
            while True:
                try:
                    await pipe.watch(keys.SLUGS)
                    if await pipe.hexists(keys.SLUGS, workflow.slug):
                        raise Taken(f"there is a workflow '{workflow.slug}' already: change it, or choose another name")
                    pipe.multi()
                    pipe.hset(keys.SLUGS, workflow.slug, workflow.id)
                    pipe.set(keys.workflow(workflow.id), dump_workflow(workflow, self._cipher))
                    pipe.zadd(keys.WORKFLOWS, {workflow.id: 0})
                    await pipe.execute()
                    return workflow
                except WatchError:
                    continue

    async def edit(self, workflow_id: str, change: Callable[[Workflow], Workflow]) -> Workflow:
        """Change a workflow as it is now. Raises Unknown."""

        changed: list[Workflow] = []

        async def edited(known: Workflow) -> Commands:
            changed.append(change(known))
            return lambda pipe: pipe.set(keys.workflow(workflow_id), dump_workflow(changed[-1], self._cipher))

        await self._while_there(workflow_id, edited)
        return changed[-1]

    async def generate(self, workflow_id: str, names: Collection[str], *, now_ms: int) -> Workflow:
        """Give the workflow 32 random bytes in base64 for each of these variables that it does not have. Raises Unknown."""

        def with_values(known: Workflow) -> Workflow:
            made = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in names}
            return with_env(known, {**made, **known.env}, now_ms=now_ms)

        return await self.edit(workflow_id, with_values)

    async def serve(self, version: Version, *, now_ms: int) -> Workflow:
        """Let this ready version serve, be it older than the one that does. Raises Unknown when it is gone."""
        found: list[Workflow] = []

        async def serving(known: Workflow) -> Commands:
            if not await self._client.exists(keys.version(version.id)):
                raise _no_version(version.id)
            found.append(replace(known, version_id=version.id, updated_at_ms=now_ms))
            return lambda pipe: pipe.set(keys.workflow(known.id), dump_workflow(found[-1], self._cipher))

        await self._while_there(version.workflow_id, serving, keys.version(version.id))
        return found[-1]

    async def _while_there(
        self, workflow_id: str, change: Callable[[Workflow], Awaitable[Commands]], *beside: keys.Key
    ) -> None:
        """Do in one step what `change` makes of the workflow, which must set it anew, and of what is `beside`. Raises Unknown."""
        async with self._client.pipeline(transaction=True) as pipe:
            while True:
                try:
                    await pipe.watch(keys.workflow(workflow_id), *beside)
                    commands = await change(await self.get(workflow_id))
                    pipe.multi()
                    commands(pipe)
                    await pipe.execute()
                    return
                except WatchError:
                    continue

    async def deploy(
        self, slug: str, source: Source, start_command: str, env: Mapping[str, str], archive: bytes, *, now_ms: int
    ) -> tuple[Workflow, Version]:
        """Store a new version of the workflow, itself new if need be, and queue it to be built. Raises InvalidVariables."""
        workflow = await self.configure(slug, source, start_command, env, now_ms=now_ms)
        return workflow, await self.queue_version(workflow, archive=archive, now_ms=now_ms)

    async def configure(
        self,
        slug: str,
        source: Source,
        start_command: str,
        env: Mapping[str, str],
        inputs: BuildInputs = NO_INPUTS,
        *,
        now_ms: int,
    ) -> Workflow:
        """The workflow, itself new if need be, with what its next version is made of; `env` is added to what it has.

        Raises InvalidVariables.
        """

        def configured(known: Workflow) -> Workflow:
            known = replace(known, source=source, start_command=start_command, updated_at_ms=now_ms, inputs=inputs)
            return with_env(known, {**known.env, **env}, now_ms=now_ms)

        try:
            new = Workflow("", slug, slug, source, start_command, now_ms, now_ms, version_id=None, inputs=inputs)
            return await self.create(with_env(new, env, now_ms=now_ms))
        except Taken:
            return await self.edit((await self.get(slug)).id, configured)

    async def queue_version(
        self,
        workflow: Workflow,
        *,
        now_ms: int,
        archive: bytes | None = None,
        upload: str | None = None,
        commit: str | None = None,
    ) -> Version:
        """Store a new version, made of `archive`, else of the `upload`, and queue it.

        Without either it is made of the repo at `commit` or the end of its branch. Whoever names an upload holds it.
        Raises Unknown when the workflow is deleted at this moment.
        """
        queued: list[Version] = []

        async def with_version(known: Workflow) -> Commands:
            number = int(await self._client.hget(keys.NUMBERS, workflow.id) or 0) + 1
            queued.append(new_version(workflow, number, commit, now_ms))
            return partial(store_queued, known=known, version=queued[-1], packed=archive or upload, cipher=self._cipher)

        await self._while_there(workflow.id, with_version)
        return queued[-1]

    async def save(self, version: Version) -> None:
        """Store a version on its way, or with another image; it becomes ready through `release`.

        Raises Unknown when it was deleted.
        """
        if not await self._client.set(keys.version(version.id), dump_version(version, self._cipher), xx=True):
            raise _no_version(version.id)
        if version.id in self._ready:
            self._ready[version.id] = version

    async def release(self, version: Version, drafts: Sequence[TaskDraft], *, now_ms: int) -> Version:
        """Make the version ready, with these tasks, and current, in one step. Raises Unknown when it was deleted."""
        released: list[Version] = []

        async def with_tasks(known: Workflow) -> Commands:
            task_ids = await self._task_ids(known.id, drafts, now_ms)
            tasks = tuple(task_spec(draft, task_ids[draft.name]) for draft in drafts)
            released.append(replace(version, status=VersionStatus.READY, tasks=tasks))
            workflow = replace(known, version_id=await self._newest(known, version), updated_at_ms=now_ms)
            return partial(store_released, workflow=workflow, version=released[-1], cipher=self._cipher)

        await self._while_there(version.workflow_id, with_tasks)
        return released[-1]

    async def _task_ids(self, workflow_id: str, drafts: Sequence[TaskDraft], now_ms: int) -> dict[str, str]:
        """The id of each task: the one it has had in earlier versions, else a new one."""
        known = await self._client.hgetall(keys.task_ids(workflow_id))
        return {draft.name: known.get(draft.name) or ids.new_id(ids.TASK, now_ms) for draft in drafts}

    async def _newest(self, workflow: Workflow, version: Version) -> str:
        """The version that serves from now on: a slow older build does not replace a newer one."""
        if workflow.version_id is None:
            return version.id
        serving = await self.version(workflow.version_id)
        return serving.id if serving.number > version.number else version.id

    async def get(self, workflow_id: str) -> Workflow:
        """The workflow of this id or slug. Raises Unknown."""
        return load_workflow(await self._document(workflow_id), self._cipher)

    async def _document(self, workflow_id: str) -> str:
        if not keys.is_part(workflow_id):
            raise await self._unknown(workflow_id)
        doc: str | None = await self._client.get(keys.workflow(self._ids.get(workflow_id, workflow_id)))
        if doc is None:  # a slug we have not met, or one that was deployed again after its workflow was deleted
            by_slug = await self._client.hget(keys.SLUGS, workflow_id)
            doc = by_slug and await self._client.get(keys.workflow(by_slug))
            self._ids[workflow_id] = by_slug or workflow_id
        if not doc:
            self._ids.pop(workflow_id, None)
            raise await self._unknown(workflow_id)
        return doc

    async def _unknown(self, name: str) -> Unknown:
        slugs = await self._client.hkeys(keys.SLUGS)
        return Unknown(f"there is no workflow {name[:100]!r}{did_you_mean(name, slugs, 'the workflows are')}")

    async def version(self, version_id: str) -> Version:
        """The version. Raises Unknown."""
        if known := self._ready.get(version_id):
            return known
        doc = await self._client.get(keys.version(version_id))
        if doc is None:
            raise _no_version(version_id)
        version = load_version(doc, self._cipher)
        if version.status is VersionStatus.READY:
            self._ready[version_id] = version
        return version

    async def workflows(self) -> list[Workflow]:
        """All of them, newest first."""
        found = await self._client.zrange(keys.WORKFLOWS, 0, -1, desc=True)
        docs = [await self._client.get(keys.workflow(workflow_id)) for workflow_id in found]
        return [load_workflow(doc, self._cipher) for doc in docs if doc is not None]

    async def versions(self, workflow_id: str | None = None) -> list[Version]:
        """The versions, of one workflow or all, newest first."""
        key = keys.versions_of(workflow_id) if workflow_id else keys.VERSIONS
        versions = []
        for version_id in await self._client.zrange(key, 0, -1, desc=True):
            with contextlib.suppress(Unknown):  # removed meanwhile, as old
                versions.append(await self.version(version_id))
        return versions

    async def resolve(self, task: str) -> Target:
        """The task that a request means, in the version that answers it now.

        `task` is an id (``tsk-…``), ``workflow/task``, or ``workflow/task:version`` with a version's id or number. Raises Unknown.
        """
        workflow_name, name, wanted = await self._parse(task)
        document = await self._document(workflow_name)
        workflow = load_workflow(document, self._cipher)
        version = await self._wanted_version(workflow, wanted)
        spec = version.task(name)
        if spec is None:
            near = did_you_mean(name, (one.name for one in version.tasks), "its tasks are")
            raise Unknown(f"workflow '{workflow.slug}' has no task {name[:100]!r}{near}")
        return Target(version, spec, "" if wanted else _digest(document))

    async def _parse(self, task: str) -> tuple[str, str, str]:
        if task.startswith(f"{ids.TASK}-") and "/" not in task:
            place = await self._client.hget(keys.TASKS, task)
            if place is None:
                raise Unknown(f"there is no task {task}; see `orchestrator tasks list`")
            task = place
        workflow, slash, rest = task.partition("/")
        if not slash or not rest:
            raise Unknown(f"'{task}' names no task: write it as workflow/task, such as quickstart/calculate_square")
        name, _, version = rest.partition(":")
        return workflow, name, version

    async def _wanted_version(self, workflow: Workflow, wanted: str) -> Version:
        if not wanted:
            if workflow.version_id is None:
                raise Unknown(f"workflow '{workflow.slug}' has no ready version yet; see `orchestrator versions list`")
            return await self.version(workflow.version_id)
        for version in await self.versions(workflow.id):
            if version.status is VersionStatus.READY and wanted in (
                version.id,
                str(version.number),
                f"v{version.number}",
            ):
                return version
        raise Unknown(f"workflow '{workflow.slug}' has no ready version '{wanted}'; see `orchestrator versions list`")

    async def delete(self, workflow: Workflow) -> None:
        """Forget the workflow, its versions and tasks; its runs stay readable."""
        versions = await self.versions(workflow.id)
        task_ids = await self._client.hvals(keys.task_ids(workflow.id))
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hdel(keys.SLUGS, workflow.slug)
            pipe.zrem(keys.WORKFLOWS, workflow.id)
            for version in versions:
                pipe.delete(keys.version(version.id), keys.archive(version.id))
                pipe.delete(keys.version_logs(version.id), keys.version_usage(version.id))
                pipe.zrem(keys.VERSIONS, version.id)
                pipe.lrem(keys.BUILDS, 0, version.id)
                pipe.hdel(keys.BUILD_TRIES, version.id)
                pipe.hdel(keys.BUILDS_AGAIN, version.id)
                pipe.srem(keys.BUILDS_CANCELED, version.id)
            if task_ids:
                pipe.hdel(keys.TASKS, *task_ids)
            pipe.hdel(keys.PAUSED, workflow.id, *task_ids)
            pipe.hdel(keys.NUMBERS, workflow.id)
            pipe.delete(keys.workflow(workflow.id), keys.versions_of(workflow.id), keys.task_ids(workflow.id))
            await pipe.execute()
        for version in versions:
            self.forget(version.id)

    def forget(self, version_id: str) -> None:
        """The version was removed."""
        self._ready.pop(version_id, None)


def _digest(document: str) -> str:
    """As Redis makes it."""
    return hashlib.sha1(document.encode(), usedforsecurity=False).hexdigest()


def _no_version(version_id: str) -> Unknown:
    return Unknown(f"there is no workflow version {version_id}")
