"""Takes away what has been kept for long enough."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from orchestrator.core.container.spec import LABEL_RUN
from orchestrator.core.retention import RetentionPolicy, outdated_trees, outdated_versions
from orchestrator.engine.base import EngineError
from orchestrator.scheduler.context import Context
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.removal import Removal

log = logging.getLogger(__name__)

_STEP_TREES: Final = 100
"""How many trees go before the store is measured again, and others have their turn."""


class Retention:
    """The one loop that removes finished runs and old versions; what a crash interrupts, the next round finds again."""

    def __init__(self, context: Context, removal: Removal, keep: RetentionPolicy, *, interval_s: float) -> None:
        self._context = context
        self._removal = removal
        self._keep = keep
        self._interval_s = interval_s

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                await self.tidy()
            except (EngineError, *UNAVAILABLE) as error:
                log.warning("removing what is old was interrupted: %s", error)

    async def tidy(self) -> int:
        """Remove all that is outdated now; how many runs went."""
        removed = 0
        while step := await self._remove_trees():
            removed += step
        if removed:
            log.info("removed %d old runs: %s", removed, self._keep)
        await self._remove_versions()
        return removed

    async def _remove_trees(self) -> int:
        """One step. A run whose container is not gone yet is still being written to, so its tree stays until the next round."""
        oldest = await self._removal.oldest_trees(_STEP_TREES)
        outdated = outdated_trees(oldest, await self._removal.held(), self._keep, now_ms=self._context.now_ms())
        if not outdated:
            return 0
        spared = {container.labels.get(LABEL_RUN, "") for container in await self._context.engine.list()}
        return sum([tree.runs for tree in outdated if await self._removal.remove_tree(tree.root_id, spared)])

    async def _remove_versions(self) -> None:
        for workflow in await self._context.workflows.workflows():
            versions = await self._context.workflows.versions(workflow.id)
            for version in outdated_versions(workflow, versions, self._keep):
                if await self._removal.remove_version(version, now_ms=self._context.now_ms()):
                    self._context.workflows.forget(version.id)
                    log.info("removed version %d of workflow %s", version.number, workflow.slug)
