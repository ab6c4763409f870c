"""Makes containers and runs agree again: once on start, then every few seconds."""

from __future__ import annotations

import asyncio
import logging

from orchestrator.core.container.exits import verdict
from orchestrator.core.container.spec import LABEL_ROLE, ContainerState, Role
from orchestrator.core.reconcile import Adopt, Lost, Orphan, reconcile
from orchestrator.core.runs.events import ContainerExited
from orchestrator.core.runs.lifecycle import IllegalEvent
from orchestrator.core.runs.run import Run
from orchestrator.engine.base import EngineError
from orchestrator.scheduler.context import Context
from orchestrator.scheduler.pool import WarmPool
from orchestrator.scheduler.supervisors import Supervisors
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.runs.cancel import cancel_descendants

log = logging.getLogger(__name__)


class Reconciler:
    """Adopts what runs, ends what is orphaned, and concludes what is lost."""

    def __init__(self, context: Context, supervisors: Supervisors, pool: WarmPool) -> None:
        self._context = context
        self._supervisors = supervisors
        self._pool = pool
        self._suspects: frozenset[tuple[str, int]] = frozenset()

    async def run(self) -> None:
        """Sweep for ever; the first sweep is the caller's, before anything new is claimed."""
        while True:
            await asyncio.sleep(self._context.limits.sweep_s)
            try:
                await self.sweep()
            except (EngineError, *UNAVAILABLE) as error:
                log.warning("sweep interrupted: %s", error)

    async def sweep(self, *, is_first: bool = False) -> None:
        """Look once.

        Registrations in progress are left alone, except by the first sweep: nobody waits for those. A run that was claimed
        while we looked may seem lost once; only one that is lost twice, or at the first sweep, is.
        """
        if is_first and (moved := await self._context.runs.queue.adopt_old()):
            log.info("%d runs were queued by an earlier release", moved)
        runs = await self._context.runs.active()
        supervised, expected = self._supervisors.supervised(), self._expected()
        containers = await self._context.engine.list()
        expected |= self._expected()
        await self._context.channel.sweep(frozenset(one.channel_id for one in containers))
        if not is_first:
            containers = [one for one in containers if one.labels.get(LABEL_ROLE) != Role.REGISTER]
        suspects, orphans = set(), list[ContainerState]()
        kept = frozenset(one.id for one in containers if {one.id, one.channel_id} & expected)
        for finding in reconcile(runs, containers, supervised, kept):
            match finding:
                case Adopt(run, container):
                    log.info("adopting container %s of run %s", container.id[:12], run.id)
                    self._supervisors.adopt(run, container)
                case Lost(run):
                    suspects.add((run.id, run.fence))
                    if is_first or (run.id, run.fence) in self._suspects:
                        await self._conclude(run)
                case Orphan(container):
                    orphans.append(container)
        self._suspects = frozenset(suspects)
        await asyncio.gather(*(self._remove(container) for container in orphans))
        await self._finish_cascades()

    async def _remove(self, orphan: ContainerState) -> None:
        log.warning("removing orphaned container %s", orphan.id[:12])
        await self._context.engine.remove(orphan.id)
        await self._context.channel.close(orphan.channel_id)

    def _expected(self) -> frozenset[str]:
        """Ids of containers that somebody looks after, or of their channels: those of one being created are not known yet."""
        return (self._supervisors.container_ids() | self._pool.channel_ids()) - {""}

    async def _conclude(self, run: Run) -> None:
        log.warning("run %s lost its container", run.id)
        event = ContainerExited(verdict(None, run.plan), None)
        try:
            await self._context.runs.change(run.id, event, now_ms=self._context.now_ms(), fence=run.fence, known=run)
        except IllegalEvent as moved_on:
            log.debug("%s", moved_on)

    async def _finish_cascades(self) -> None:
        for cascade in await self._context.runs.cascades():
            await cancel_descendants(self._context.runs, cascade, now_ms=self._context.now_ms())
