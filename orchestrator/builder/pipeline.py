"""One version's way from source to ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from orchestrator.builder.errors import BadSource
from orchestrator.builder.image.builder import BuiltImage
from orchestrator.builder.sources import Sources
from orchestrator.core.tasks import TaskDraft
from orchestrator.core.workflow import Version, VersionStatus
from orchestrator.engine.base import Log
from orchestrator.store.workflows.store import WorkflowStore


class Builder(Protocol):
    """Makes the image of a version."""

    async def build(self, version: Version, archive: bytes | None, log: Log) -> BuiltImage:
        """Of what is packed in `archive`, else of the version's repo. Raises BadSource, BuildFailed, EngineError."""

    async def pull(self, version: Version, log: Log) -> bool:
        """Whether it could be had from the registry where it was pushed. Raises EngineError."""


class Registrar(Protocol):
    """Learns an image's tasks."""

    async def register(self, built: BuiltImage, log: Log) -> tuple[TaskDraft, ...]:
        """The checked tasks. Raises RegistrationFailed, EngineError."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Every step is stored before the next; `check_lease` raises LeaseLost when it is not for us to build any more."""

    workflows: WorkflowStore
    builder: Builder
    sources: Sources
    registrar: Registrar
    now_ms: Callable[[], int]
    check_lease: Callable[[], None] = lambda: None

    async def run(self, version: Version, log: Log) -> None:
        """Build the version, learn its tasks, and let it serve.

        Raises BadSource, BuildFailed, RegistrationFailed and EngineError; Unknown when it was deleted meanwhile; LeaseLost.
        """
        version = replace(version, status=VersionStatus.BUILDING)
        await self.save(version)
        built = await self.builder.build(version, await self._archive(version), log)
        built = await self._with_generated(version, built)
        version = replace(_with_image(version, built), status=VersionStatus.REGISTERING, env=built.env)
        await self.save(version)
        drafts = await self.registrar.register(built, log)
        self.check_lease()
        await self.workflows.release(version, drafts, now_ms=self.now_ms())

    async def run_again(self, version: Version, log: Log) -> None:
        """Have the image of a ready version back: from its registry, else built again. Raises what `run` does."""
        if await self.builder.pull(version, log):
            return
        archive = await self.sources.read(version.archive_digest)
        is_known = archive is not None or (version.source is not None and version.source.is_git and version.commit)
        if not is_known:
            raise BadSource("its source is not kept on this host any more: deploy again")
        await self.save(_with_image(version, await self.builder.build(version, archive, log)))

    async def save(self, version: Version) -> None:
        """Store it. Raises LeaseLost, and Unknown when it was deleted."""
        self.check_lease()
        await self.workflows.save(version)

    async def _with_generated(self, version: Version, built: BuiltImage) -> BuiltImage:
        """With a random value for each variable that wants one: the workflow's own from the first time on."""
        if not built.generated:
            return built
        workflow = await self.workflows.generate(version.workflow_id, built.generated, now_ms=self.now_ms())
        return replace(built, env={**built.env, **{name: workflow.env[name] for name in built.generated}})

    async def _archive(self, version: Version) -> bytes | None:
        """What was uploaded; None for what is in a repo."""
        if version.source is not None and version.source.is_git:
            return None
        archive = await self.workflows.builds.archive(version.id)
        if archive is None:
            raise BadSource(f"the source of version {version.id} is gone: deploy again")
        return archive


def _with_image(version: Version, built: BuiltImage) -> Version:
    return replace(
        version,
        image=built.image,
        entry_point=built.entry_point,
        archive_digest=built.archive_digest,
        pushed=built.pushed,
    )
