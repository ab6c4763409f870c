"""Takes versions from the queue and has them built: some side by side, those of one workflow one after the other.

Whatever becomes of one of them, the others go on, and so does the version that serves.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from typing import Final
from weakref import WeakValueDictionary

from orchestrator.builder.errors import BadSource, RegistrationFailed
from orchestrator.builder.image_retention import ImageRetention
from orchestrator.builder.pipeline import Pipeline
from orchestrator.core.logs import LogLine, Stream
from orchestrator.core.text import readable
from orchestrator.core.workflow import TERMINAL, Version, VersionStatus
from orchestrator.engine.base import BuildFailed, EngineError, Log
from orchestrator.host.retrying import persist
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.lease import LeaseLost
from orchestrator.store.logs import LogStore, LogWriter
from orchestrator.store.workflows.builds import Builds, Stop
from orchestrator.store.workflows.store import Unknown, WorkflowStore

log = logging.getLogger(__name__)

_IDLE_S: Final = 5.0
"""Less than a lease: else a version could still be handed to a process that was paused and has lost it."""
_WATCH_S: Final = 0.3
_RECONNECT_S: Final = 1.0
_LAST_WORD_S: Final = 1.0
TRIES: Final = 3
"""How often a build is begun whose end nobody lives to see."""
_FAILURES: Final = (BadSource, BuildFailed, RegistrationFailed, EngineError)


class Deploys:
    """The one that builds; nothing a deploy holds, or a client asks for at whatever moment, ends it."""

    def __init__(
        self,
        workflows: WorkflowStore,
        logs: LogStore,
        pipeline: Pipeline,
        images: ImageRetention,
        *,
        parallel: int,
        building: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`parallel` is how many are built side by side, `building` is entered for each."""
        self._workflows = workflows
        self._builds: Builds = workflows.builds
        self._logs = logs
        self._pipeline = pipeline
        self._images = images
        self._building = building
        self._slots = asyncio.Semaphore(parallel)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._has_jobs = asyncio.Event()
        self._stopped: dict[str, Stop] = {}

    async def run(self) -> None:
        """Build for ever; what an earlier process left unfinished comes first."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(), name="stopped builds")
            while True:
                try:
                    await self._builds.requeue(self._jobs)
                    while True:
                        await self._take(group)
                except (EngineError, *UNAVAILABLE) as error:
                    log.warning("building interrupted: %s", error)
                except Exception:
                    log.exception("taking a version to build failed: a bug in the orchestrator")
                await asyncio.sleep(_RECONNECT_S)

    async def _take(self, group: asyncio.TaskGroup) -> None:
        """Start the job of the next version; with nothing to do, tidy."""
        version_id = await self._builds.next(timeout_s=_IDLE_S)
        if version_id is None:
            if not self._jobs:
                await self._images.clear()
            return
        try:
            version = await self._workflows.version(version_id)
        except Unknown:
            await self._builds.gone(version_id)
            return
        job = group.create_task(self._job(version), name=f"build of {version_id}")
        self._jobs[version_id] = job
        self._has_jobs.set()
        job.add_done_callback(lambda _: self._forget(version_id, job))

    def _forget(self, version_id: str, job: asyncio.Task[None]) -> None:
        if self._jobs.get(version_id) is job:  # its image may be asked for again before it has quite ended
            del self._jobs[version_id]
            self._stopped.pop(version_id, None)
        if not self._jobs:
            self._has_jobs.clear()

    async def _watch(self) -> None:
        """Stop the jobs that were canceled, or whose version was deleted."""
        while True:
            await self._has_jobs.wait()
            await asyncio.sleep(_WATCH_S)
            try:
                await self._stop_unwanted()
            except UNAVAILABLE:
                pass  # asked again
            except Exception:
                log.exception("looking for builds to stop failed: a bug in the orchestrator")

    async def _stop_unwanted(self) -> None:
        for version_id, stop in (await self._builds.stopped(list(self._jobs))).items():
            job = self._jobs.get(version_id)
            if job is not None and not job.cancelling():
                self._stopped[version_id] = stop
                job.cancel()

    # --- one version ------------------------------------------------------------------------------------------------

    async def _job(self, version: Version) -> None:
        """Everything for one version; raises nothing but its own cancellation at the end of the process."""
        try:
            # Both let in whoever came first, first.
            async with self._turn(version.workflow_id), self._slots:
                await self._insist(version.id)
        except asyncio.CancelledError:
            if version.id not in self._stopped:
                raise
            await self._end_stopped(version.id)
        except Unknown:
            log.info("version %s was deleted while it was built", version.id)
            with suppress(*UNAVAILABLE):
                await self._builds.gone(version.id)
        except LeaseLost:
            log.info("version %s is left to another orchestrator", version.id)
        except Exception:
            log.exception("the build of version %s came to no end: a bug in the orchestrator", version.id)

    def _turn(self, workflow_id: str) -> asyncio.Lock:
        return self._turns.setdefault(workflow_id, asyncio.Lock())

    async def _insist(self, version_id: str) -> None:
        """Build it, as often as the store is away meanwhile."""

        def interrupted(error: Exception) -> None:
            log.warning("building version %s interrupted: %s", version_id, error)

        await persist(lambda: self._build(version_id), despite=UNAVAILABLE, wait_s=_RECONNECT_S, report=interrupted)

    async def _build(self, version_id: str) -> None:
        version = await self._workflows.version(version_id)
        if version.status is VersionStatus.READY:
            await self._build_again(version)
            return
        writer = self._logs.writer(keys.version_logs(version_id))
        if await self._builds.begin(version_id) > TRIES:
            message = f"the orchestrator ended {TRIES} times while it built this version, which is not tried again"
            await self._fail(version_id, f"{message}: see its log for why, and deploy again", writer)
        else:
            await self._run(version, writer)
        await writer.end()
        await self._builds.done(version_id)

    async def _build_again(self, version: Version) -> None:
        """Have the image of a ready version back; its runs wait for it."""
        log.warning("the image of version %s is gone from this host, and built again", version.id)
        why = ""
        try:
            if await self._builds.begin(version.id) > TRIES:
                raise BadSource(f"the orchestrator ended {TRIES} times while it did so")
            await self._pipeline.run_again(version, _to_own_log)
        except _FAILURES as error:
            why = readable(str(error))
        except (LeaseLost, Unknown, *UNAVAILABLE):
            raise
        except Exception as bug:
            log.exception("building version %s again failed: a bug in the orchestrator", version.id)
            why = readable(repr(bug))
        if why:
            log.warning("the image of version %s could not be built again: %s", version.id, why)
            await self._builds.failed_again(version.id, why, now_ms=self._pipeline.now_ms())
        else:
            await self._builds.done(version.id)

    async def _run(self, version: Version, writer: LogWriter) -> None:
        try:
            with self._building():
                await self._pipeline.run(version, _teller(writer))
        except _FAILURES as error:
            await self._fail(version.id, str(error), writer)
        except (asyncio.CancelledError, *UNAVAILABLE):
            with suppress(TimeoutError, *UNAVAILABLE):
                async with asyncio.timeout(_LAST_WORD_S):
                    await self._builds.forgive(version.id)
            raise
        except (LeaseLost, Unknown):
            raise
        except Exception as bug:
            log.exception("building version %s failed: a bug in the orchestrator", version.id)
            await self._fail(version.id, f"the orchestrator failed: {bug!r}; its log says more", writer)

    async def _end_stopped(self, version_id: str) -> None:
        """Say of a version what stopped its build."""
        writer = self._logs.writer(keys.version_logs(version_id))
        try:
            if self._stopped[version_id] is Stop.CANCELED:
                await self._fail(version_id, "the build was canceled", writer)
                await writer.end()
                await self._builds.done(version_id)
            else:
                await self._builds.gone(version_id)
        except (LeaseLost, Unknown, *UNAVAILABLE) as error:
            log.warning("version %s was stopped, and will be again: %s", version_id, error)

    async def _fail(self, version_id: str, message: str, writer: LogWriter) -> None:
        """Store why it is not ready, unless it is; whatever the text, it can be stored. Raises LeaseLost, Unknown.

        In the log it is on stderr: who shows an error beside its log knows what to leave out.
        """
        message = readable(message)
        version = await self._workflows.version(version_id)
        if version.status in TERMINAL:
            return
        was_registering = version.status is VersionStatus.REGISTERING
        status = VersionStatus.REGISTRATION_FAILED if was_registering else VersionStatus.BUILD_FAILED
        await _teller(writer, "stderr")(message)
        await self._pipeline.save(replace(version, status=status, error=message))


async def _to_own_log(line: str) -> None:
    log.info("%s", readable(line))


def _teller(writer: LogWriter, stream: Stream = "system") -> Log:
    async def tell(line: str) -> None:
        await writer.append([LogLine(time.time_ns(), stream, readable(line))])

    return tell
