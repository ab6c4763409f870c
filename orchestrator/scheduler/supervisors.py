"""All attempts that are looked after by this process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from orchestrator.core.capacity import Holder
from orchestrator.core.container.spec import ContainerState
from orchestrator.core.run import Run
from orchestrator.scheduler.context import Context
from orchestrator.scheduler.supervisor import Supervisor
from orchestrator.store.feed import Change

log = logging.getLogger(__name__)


class Supervisors:
    """One task for each; a bug in one ends its run, never its neighbours."""

    def __init__(self, context: Context, on_release: Callable[[], None]) -> None:
        """`on_release` is called whenever some attempt holds less than before."""
        self._context = context
        self._on_release = on_release
        self._group: asyncio.TaskGroup | None = None
        self._all: dict[tuple[str, int], Supervisor] = {}

    async def run(self) -> None:
        """Keep the supervisors alive until canceled; containers stay as they are, for the next process to adopt."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            with self._context.feed.listen(self._notice):
                await asyncio.Event().wait()

    def start(self, run: Run, adopted: ContainerState | None = None) -> None:
        """Look after the run's current attempt from now on."""
        assert self._group is not None, "run() comes first"
        supervisor = Supervisor(self._context, run, adopted=adopted, on_release=self._on_release)
        self._all[run.id, run.fence] = supervisor
        self._group.create_task(self._supervise(supervisor), name=f"run {run.id} supervisor")

    async def _supervise(self, supervisor: Supervisor) -> None:
        try:
            await supervisor.run()
        except Exception:
            log.exception("%r died", supervisor)
        finally:
            self._all.pop((supervisor.run_id, supervisor.fence), None)
            self._on_release()

    def _notice(self, change: Change | None) -> None:
        for supervisor in self._all.values():
            supervisor.notice(change)

    def holders(self) -> list[Holder]:
        """What the attempts hold of the host."""
        return [supervisor.holder for supervisor in self._all.values() if supervisor.holds]

    def supervised(self) -> dict[str, int]:
        """The runs looked after, with the newest fence of each."""
        newest: dict[str, int] = {}
        for run_id, fence in self._all:
            newest[run_id] = max(fence, newest.get(run_id, 0))
        return newest

    def container_ids(self) -> frozenset[str]:
        """The containers of all of them, also of attempts that are over."""
        return frozenset(supervisor.container_id for supervisor in self._all.values())

    def __len__(self) -> int:
        return len(self._all)
