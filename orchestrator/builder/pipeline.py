"""One version's way from source to ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from orchestrator.builder.errors import BadSource
from orchestrator.builder.image.builder import BuiltImage, Packed
from orchestrator.builder.sources import Sources
from orchestrator.core.tasks import TaskDraft
from orchestrator.core.workflow import Version, VersionStatus
from orchestrator.engine.base import Log
from orchestrator.store.workflows.store import WorkflowStore


class Builder(Protocol):
    """Makes the image of a version."""

    async def build(self, version: Version, packed: Packed | None, log: Log) -> BuiltImage:
        """Of what is `packed`, else of the version's repo. Raises BadSource, BuildFailed, EngineError."""

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
        built = await self.builder.build(version, self._packed(version), log)
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
        is_kept = await self.sources.has(version.archive_digest)
        if not is_kept and not (version.source is not None and version.source.is_git and version.commit):
            raise BadSource("its source is not kept on this host any more: deploy again")
        packed = partial(self.sources.copy, version.archive_digest) if is_kept else None
        await self.save(_with_image(version, await self.builder.build(version, packed, log)))

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

    def _packed(self, version: Version) -> Packed | None:
        """What was uploaded; None for what is in a repo."""
        is_in_repo = version.source is not None and version.source.is_git
        return None if is_in_repo else partial(self._write_uploaded, version.id)

    async def _write_uploaded(self, version_id: str, path: Path) -> None:
        with path.open("wb") as file:
            async for piece in self.workflows.builds.archive(version_id):
                await asyncio.to_thread(file.write, piece)
            if not file.tell():
                raise BadSource(f"the source of version {version_id} is gone: deploy again")


def _with_image(version: Version, built: BuiltImage) -> Version:
    return replace(
        version,
        image=built.image,
        entry_point=built.entry_point,
        archive_digest=built.archive_digest,
        pushed=built.pushed,
    )
