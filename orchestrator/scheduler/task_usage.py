"""What tasks are known to need, learned from their attempts as these end."""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from orchestrator.core.runs.run import Run
from orchestrator.core.scheduling.dispatch import QueuedRun
from orchestrator.core.scheduling.estimate import SEEN_MAX, SEEN_MIN, UNKNOWN, Need, Seen, estimate, seen
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.task_usage import TaskUsageStore

log = logging.getLogger(__name__)

_VERSIONS_KEPT: Final = 256
"""In memory; what is known of others is read again when they are used."""

_NOTHING: Final[Mapping[str, Need]] = MappingProxyType({})

Tasks = defaultdict[str, deque[Seen]]


class TaskUsage:
    """By version and task; without a store it knows and learns nothing."""

    def __init__(self, store: TaskUsageStore | None = None) -> None:
        self._store = store
        self._versions: dict[str, Tasks] = {}
        self._needs: dict[str, dict[str, Need]] = {}
        """What follows from it: asked for far more often than something is learned."""

    async def learn(self, run: Run) -> bool:
        """Take note of the run's latest attempt, which has ended; whether its task is known to need something else now."""
        new = seen(run.attempts[-1])
        if self._store is None or new is None:
            return False
        try:
            await self._load(run.version_id)
            latest = self._versions[run.version_id][run.task_id]
            known = self._need(run.version_id, run.task_id)
            latest.append(new)
            self._needs[run.version_id][run.task_id] = need = estimate(latest)
            is_news = need != known
            if is_news or len(latest) < SEEN_MIN:
                await self._store.save(run.version_id, run.task_id, latest)
        except UNAVAILABLE as error:
            log.debug("what run %s used is not kept: %s", run.id, error)
            return False
        return is_news

    async def judged(self, queue: Iterable[QueuedRun]) -> list[QueuedRun]:
        """The runs, each with what it is known to need."""
        judged = []
        for run in queue:
            await self._load(run.version_id)
            need = UNKNOWN if run.reserves_plan else self._need(run.version_id, run.task_id)
            judged.append(run if need == run.need else replace(run, need=need))
        return judged

    def need(self, run: Run) -> Need:
        """What an attempt of the run needs: what its task was seen to."""
        return UNKNOWN if run.reserves_plan else self._need(run.version_id, run.task_id)

    def _need(self, version_id: str, task_id: str) -> Need:
        return self._needs.get(version_id, _NOTHING).get(task_id, UNKNOWN)

    async def _load(self, version_id: str) -> None:
        if self._store is None or version_id in self._versions:
            return
        tasks: Tasks = defaultdict(lambda: deque(maxlen=SEEN_MAX))
        for task_id, latest in (await self._store.load(version_id)).items():
            tasks[task_id].extend(latest)
        if version_id not in self._versions:
            self._versions[version_id] = tasks
            self._needs[version_id] = {task_id: estimate(latest) for task_id, latest in tasks.items()}
        if len(self._versions) > _VERSIONS_KEPT:
            oldest = next(iter(self._versions))
            del self._versions[oldest], self._needs[oldest]
