"""Takes one version after the other from source to ready."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from orchestrator.builder.errors import BadSource, RegistrationFailed
from orchestrator.builder.image.builder import ImageBuilder
from orchestrator.builder.image_retention import ImageRetention
from orchestrator.builder.register.registrar import Registrar
from orchestrator.builder.source import git
from orchestrator.core.logs import LogLine
from orchestrator.core.workflow import Version, VersionStatus
from orchestrator.engine.base import BuildFailed, EngineError, Log
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.lease import LeaseLost
from orchestrator.store.logs import LogStore, LogWriter
from orchestrator.store.workflows import Unknown, WorkflowStore

log = logging.getLogger(__name__)

_IDLE_S: Final = 5.0
"""Less than a lease: else a version could still be handed to a process that was paused and has lost it."""
_RECONNECT_S: Final = 1.0
_FAILURES: Final = (BadSource, BuildFailed, RegistrationFailed, EngineError)


class Deploys:
    """The one loop that builds; whatever fails, the version that serves goes on serving."""

    def __init__(
        self,
        workflows: WorkflowStore,
        logs: LogStore,
        builder: ImageBuilder,
        registrar: Registrar,
        images: ImageRetention,
        now_ms: Callable[[], int],
        check_lease: Callable[[], None] = lambda: None,
    ) -> None:
        """`check_lease` raises LeaseLost when it is not for us to build any more."""
        self._workflows = workflows
        self._logs = logs
        self._registrar = registrar
        self._images = images
        self._builder = builder
        self._now_ms = now_ms
        self._check_lease = check_lease

    async def run(self) -> None:
        """Build for ever; what an earlier process left unfinished comes first."""
        while True:
            try:
                await self._workflows.requeue_builds()
                while (version_id := await self._workflows.next_build(timeout_s=_IDLE_S)) is not None:
                    await self._deploy(version_id)
                await self._images.clear()
            except (EngineError, *UNAVAILABLE) as error:
                log.warning("building interrupted: %s", error)
                await asyncio.sleep(_RECONNECT_S)

    async def _deploy(self, version_id: str) -> None:
        try:
            version = await self._workflows.version(version_id)
        except Unknown as gone:
            log.warning("not built: %s", gone)
            await self._workflows.build_done(version_id)
            return
        writer = self._logs.writer(keys.version_logs(version_id))
        try:
            await self._build_and_register(version, writer)
        except _FAILURES as error:
            await self._fail(version_id, str(error), writer)
        except (LeaseLost, *UNAVAILABLE):
            raise
        except Exception as bug:
            log.exception("building version %s failed: a bug in the orchestrator", version_id)
            await self._fail(version_id, f"the orchestrator failed: {bug!r}; its log says more", writer)
        await writer.end()
        await self._workflows.build_done(version_id)

    async def _build_and_register(self, version: Version, writer: LogWriter) -> None:
        version = replace(version, status=VersionStatus.BUILDING)
        await self._save(version)
        tell = _teller(writer)
        built = await self._builder.build(version, await self._source(version, tell), tell)
        version = replace(version, status=VersionStatus.REGISTERING, image=built.image, entry_point=built.entry_point)
        await self._save(version)
        drafts = await self._registrar.register(built, tell)
        self._check_lease()
        await self._workflows.release(version, drafts, now_ms=self._now_ms())

    async def _source(self, version: Version, tell: Log) -> bytes:
        """What was uploaded, or is in the repo."""
        source = version.source
        if source is None or not source.is_git:
            return await self._workflows.archive(version.id)
        await tell(f"fetching {version.commit or source.branch or 'the default branch'} of {source.location}")
        commit, archive = await git.fetch(source, version.commit)
        await tell(f"at commit {commit}")
        return archive

    async def _fail(self, version_id: str, message: str, writer: LogWriter) -> None:
        version = await self._workflows.version(version_id)
        was_registering = version.status is VersionStatus.REGISTERING
        status = VersionStatus.REGISTRATION_FAILED if was_registering else VersionStatus.BUILD_FAILED
        await _teller(writer)(message)
        await self._save(replace(version, status=status, error=message))

    async def _save(self, version: Version) -> None:
        self._check_lease()
        await self._workflows.save(version)


def _teller(writer: LogWriter) -> Log:
    async def tell(line: str) -> None:
        await writer.append([LogLine(time.time_ns(), "system", line)])

    return tell
