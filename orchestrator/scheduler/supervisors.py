"""All attempts that are looked after by this process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from orchestrator.core.container.spec import ContainerState
from orchestrator.core.runs.run import Run
from orchestrator.core.scheduling.capacity import Holder
from orchestrator.scheduler.attempt.inbox import Inboxes
from orchestrator.scheduler.attempt.supervisor import Supervisor
from orchestrator.scheduler.context import Context

log = logging.getLogger(__name__)


class Supervisors:
    """One task for each; a bug in one ends its run, never its neighbours."""

    def __init__(
        self, context: Context, on_release: Callable[[], None], on_started: Callable[[], None] = lambda: None
    ) -> None:
        """`on_release` is called whenever some attempt holds less than before, `on_started` when a container was started."""
        self._context = context
        self._on_release = on_release
        self._on_started = on_started
        self._group: asyncio.TaskGroup | None = None
        self._inboxes = Inboxes()
        self._all: dict[tuple[str, int], Supervisor] = {}
        self._tasks: dict[Supervisor, asyncio.Task[None]] = {}

    async def run(self, *, see_off_s: float = 0) -> None:
        """Keep the supervisors alive until canceled; containers stay as they are, for the next process to adopt.

        Those whose attempt is over already have `see_off_s` to go: there is nothing to adopt.
        """
        async with asyncio.TaskGroup() as group:
            self._group = group
            with self._context.feed.listen(self._inboxes.notice):
                try:
                    await asyncio.Event().wait()
                finally:
                    await self._see_off(see_off_s)

    async def _see_off(self, limit_s: float) -> None:
        if leaving := [task for supervisor, task in self._tasks.items() if supervisor.is_over]:
            await asyncio.wait(leaving, timeout=limit_s)

    @contextmanager
    def claiming(self, run_id: str, warm: ContainerState | None = None) -> Iterator[Callable[[Run], None]]:
        """Call what this gives with the run once it is claimed; no change is missed that follows on the claim.

        `warm` is the container it was claimed with, if that was started ahead.
        """
        with ExitStack() as undo:
            inbox = undo.enter_context(self._inboxes.open(run_id))

            def start(run: Run) -> None:
                supervisor = Supervisor(
                    self._context,
                    run,
                    inbox,
                    adopted=warm,
                    is_warm=warm is not None,
                    on_release=self._on_release,
                    on_started=self._on_started,
                )
                self.start(supervisor, undo.pop_all())

            yield start

    def adopt(self, run: Run, container: ContainerState) -> None:
        """Look after the run's current attempt, which lives in the container, from now on."""
        opened = ExitStack()
        inbox = opened.enter_context(self._inboxes.open(run.id))
        self.start(Supervisor(self._context, run, inbox, adopted=container, on_release=self._on_release), opened)

    def start(self, supervisor: Supervisor, opened: ExitStack) -> None:
        """Let it look after its attempt; `opened` is closed when it is done."""
        assert self._group is not None, "run() comes first"
        self._all[supervisor.run_id, supervisor.fence] = supervisor
        task = self._group.create_task(self._supervise(supervisor, opened), name=f"run {supervisor.run_id} supervisor")
        self._tasks[supervisor] = task

    async def _supervise(self, supervisor: Supervisor, opened: ExitStack) -> None:
        try:
            with opened:
                await supervisor.run()
        except Exception:
            log.exception("%r died", supervisor)
        finally:
            self._all.pop((supervisor.run_id, supervisor.fence), None)
            self._tasks.pop(supervisor, None)

    def holders(self) -> list[Holder]:
        """What the attempts hold of the host."""
        return [supervisor.holder for supervisor in self._all.values() if supervisor.holds]

    def held_ids(self) -> frozenset[str]:
        """The runs of which a container may still live: also of an attempt that has ended, when its process has not."""
        return frozenset(supervisor.run_id for supervisor in self._all.values() if supervisor.holds)

    def peak_memory_bytes(self) -> int:
        """The most that the containers have used, each for itself, together."""
        return sum(supervisor.peak_memory_bytes for supervisor in self._all.values())

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
