"""Schedules while this orchestrator holds the lease, and stands by otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from orchestrator.engine.base import EngineError
from orchestrator.scheduler.context import Context
from orchestrator.scheduler.dispatcher import Dispatcher
from orchestrator.scheduler.reconciler import Reconciler
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.lease import Lease, LeaseLost

log = logging.getLogger(__name__)

_LOOK_S: Final = 0.3
"""Between two looks at a lease that another holds."""
_SEE_OFF_S: Final = 3.0
"""For containers of attempts that are over to be gone: less than a stop may take."""
_RELEASE_S: Final = 2.0

Job = Coroutine[Any, Any, None]


class LeaderElection:
    """Each term as leader begins with nothing remembered: what counts is in the store and in the engine."""

    def __init__(
        self,
        lease: Lease,
        context: Callable[[], Context],
        dispatcher: Callable[[Context], Dispatcher],
        jobs: Callable[[Context], Iterable[Job]],
        report: Callable[[str], None],
    ) -> None:
        """`context`, `dispatcher` and `jobs` make what one term works with and does; `report` takes our role in words."""
        self._lease = lease
        self._context = context
        self._dispatcher = dispatcher
        self._jobs = jobs
        self._report = report
        self._role = ""
        self.has_role = asyncio.Event()
        """Set once we have adopted what runs, or know why we do not."""

    async def run(self) -> None:
        """Schedule whenever the lease can be had, for ever; give it back when canceled."""
        try:
            while True:
                await self._until_taken()
                await self._serve_term()
                await asyncio.sleep(_LOOK_S)
        finally:
            with contextlib.suppress(*UNAVAILABLE, TimeoutError):
                async with asyncio.timeout(_RELEASE_S):
                    await self._lease.release()

    async def _until_taken(self) -> None:
        while True:
            try:
                if await self._lease.try_take():
                    return
                self._report_role(f"standing by: {self._lease.leader} schedules")
            except (*UNAVAILABLE, TimeoutError) as error:
                self._report_role(f"waiting for the store: {str(error) or 'it does not answer'}")
            await asyncio.sleep(_LOOK_S)

    def _report_role(self, role: str) -> None:
        """Say what we do now, once."""
        if role != self._role:
            log.info("%s", role)
        self._role = role
        self._report(role)
        self.has_role.set()

    async def _serve_term(self) -> None:
        """Return when the lease is lost, or when the first look at things failed."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._lease.keep(), name="lease")
                await self._begin(group)
        except* LeaseLost as lost:
            self._report_role(f"not scheduling: {lost.exceptions[0]}; containers go on")
        except* (EngineError, *UNAVAILABLE) as errors:
            self._report_role(f"not scheduling yet: {errors.exceptions[0]}")

    async def _begin(self, group: asyncio.TaskGroup) -> None:
        """The first sweep comes before anything new is claimed."""
        context = self._context()
        dispatcher = self._dispatcher(context)
        reconciler = Reconciler(context, dispatcher.supervisors, dispatcher.pool)
        group.create_task(_supervise(context, dispatcher), name="supervisors")
        await context.feed.is_connected.wait()
        await reconciler.sweep(is_first=True)
        group.create_task(dispatcher.run(), name="dispatcher")
        group.create_task(dispatcher.pool.run(), name="warm pool")
        group.create_task(reconciler.run(), name="reconciler")
        for job in self._jobs(context):
            group.create_task(job, name="job")
        self._report_role("scheduling")


async def _supervise(context: Context, dispatcher: Dispatcher) -> None:
    """The channel ends last: supervisors of attempts that are over still need theirs."""
    async with asyncio.TaskGroup() as group:
        group.create_task(context.channel.run(), name="channel")
        await dispatcher.supervisors.run(see_off_s=_SEE_OFF_S)
