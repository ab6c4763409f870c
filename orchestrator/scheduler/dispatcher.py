"""Starts queued runs as capacity allows, queues runs again when their wait is over, and ends what waited too long."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from orchestrator.core.runs.events import BackoffElapsed, Claimed, QueueExpired
from orchestrator.core.runs.lifecycle import IllegalEvent
from orchestrator.core.runs.run import Status
from orchestrator.core.scheduling import waits
from orchestrator.core.scheduling.capacity import STRICT, UNBOUNDED, Amount, Reservation
from orchestrator.core.scheduling.dispatch import Hindrance, HostState, Lack, QueuedRun, RecentStarts, choice
from orchestrator.core.scheduling.pool import NO_POOL, PoolLimits
from orchestrator.engine.base import EngineError
from orchestrator.scheduler.context import Context
from orchestrator.scheduler.pool import WarmPool
from orchestrator.scheduler.supervisors import Supervisors
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.runs.feed import Change
from orchestrator.store.runs.store import RunNotFound

log = logging.getLogger(__name__)

_LOOK_AHEAD: Final = 64
"""More runs than this never start in one step."""
_IDLE_S: Final = 5.0
_RECONNECT_S: Final = 0.5
_SHORT_S: Final = 1.0
"""Between two looks at a host that lacks something, or at what is paused: nobody tells when it goes on."""
_PING_S: Final = 5.0
_GATHER_S: Final = 0.05
"""While runs wait that do not fit, those that come are looked at together."""
_GATHER_LOOKS: Final = 50
"""Longer where looking takes long: a pause is as long as so many looks, but no longer than this:"""
_GATHER_MOST_S: Final = 0.25
_SAY_SELDOM_MS: Final = 1_000
_SAY_AGAIN_MS: Final = 5_000
_MATTERS: Final = frozenset({Status.QUEUED, Status.BACKOFF, Status.CANCELED})
"""What a run may become that lets something start: itself now or later, or one that it kept waiting. An attempt's end is told by
its supervisor."""


@dataclass(frozen=True, slots=True)
class DispatchPolicy:
    """How much of a plan is reserved, what may be started ahead, and what else decides whether anything starts.

    `lack_of_memory` says why the host's own memory forbids it now, `report` takes what keeps runs waiting beside capacity.
    """

    reservation: Reservation = STRICT
    pool: PoolLimits = NO_POOL
    parallel_starts: int = UNBOUNDED
    lack_of_memory: Callable[[], str] = lambda: ""
    report: Callable[[str], None] = lambda what: None


DEFAULT_POLICY: Final = DispatchPolicy()


class Dispatcher:
    """The one loop that claims runs."""

    def __init__(
        self,
        context: Context,
        capacity: Amount,
        free_disk_bytes: Callable[[], int] = lambda: UNBOUNDED,
        policy: DispatchPolicy = DEFAULT_POLICY,
    ) -> None:
        """`free_disk_bytes` is what may still be written, less than 0 when too little is free."""
        self._context = context
        self.capacity = capacity
        self._policy = policy
        self._recent = RecentStarts()
        self._are_runs_waiting = False
        self._is_gathering = False
        self._look_s = 0.0
        self._oldest_waiting_at_ms: int | None = None
        self._paused: frozenset[str] = frozenset()
        self.pool = WarmPool(
            context, policy.pool, self._spare_bytes, lambda: self._are_runs_waiting, lambda: self._paused
        )
        self._free_disk_bytes = free_disk_bytes
        self._is_engine_there = False
        self._lack = ""
        self._said, self._said_at_ms = "", 0
        self._wake = asyncio.Event()
        self.supervisors = Supervisors(context, self._wake.set, self._notice_start)

    async def run(self) -> None:
        """Dispatch for ever."""
        with self._context.feed.listen(self._notice):
            while True:
                self._wake.clear()
                began_s = time.monotonic()
                try:
                    await self._start_what_fits()
                    self._look_s = time.monotonic() - began_s
                    wait_s = await self._promote_due()
                except (EngineError, TimeoutError, *UNAVAILABLE) as error:
                    # A run that were claimed while the engine is away would only use up its tries.
                    log.warning("dispatching interrupted: %s", error or "the engine does not answer")
                    await self._say_engine_is_away(error)
                    wait_s = _RECONNECT_S
                await self._sleep(min(wait_s, _SHORT_S) if self._lack or self._paused else wait_s)

    async def _say_engine_is_away(self, error: Exception) -> None:
        if not isinstance(error, UNAVAILABLE):
            with suppress(*UNAVAILABLE):
                await self._say_why("the container engine does not answer")

    def _notice(self, change: Change | None) -> None:
        if change is not None and change.status not in _MATTERS:
            return
        if self._are_runs_waiting and not self._is_gathering:
            self._is_gathering = True
            pause_s = max(_GATHER_S, min(self._look_s * _GATHER_LOOKS, _GATHER_MOST_S))
            asyncio.get_running_loop().call_later(pause_s, self._gathered)
        elif not self._are_runs_waiting:
            self._wake.set()

    def _gathered(self) -> None:
        self._is_gathering = False
        self._wake.set()

    def _notice_start(self) -> None:
        """Others may have waited for their turn to be started."""
        if self._are_runs_waiting and self._policy.parallel_starts < UNBOUNDED:
            self._wake.set()

    async def _sleep(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _promote_due(self) -> float:
        """End the waits that are over; returns the seconds until the next one is, or until we look anyway."""
        left_s = await self._left_s()
        if left_s <= 0:
            for run_id in await self._context.runs.due(self._context.now_ms()):
                await self._promote(run_id)
            left_s = await self._left_s()
        return max(0.0, left_s)

    async def _left_s(self) -> float:
        due_ms = await self._context.runs.next_due_ms()
        return _IDLE_S if due_ms is None else min(_IDLE_S, (due_ms - self._context.now_ms()) / 1000)

    async def _promote(self, run_id: str) -> None:
        try:
            run = await self._context.runs.get(run_id)
            event = BackoffElapsed() if run.status is Status.BACKOFF else QueueExpired()
            now_ms = self._context.now_ms()
            await self._context.runs.change(run_id, event, now_ms=now_ms, fence=run.fence, known=run)
        except (IllegalEvent, RunNotFound) as error:
            log.debug("nothing is due: %s", error)

    async def _start_what_fits(self) -> None:
        holders = self.supervisors.holders()
        starting = sum(holder.is_starting for holder in holders)
        if starting >= self._policy.parallel_starts:
            self._are_runs_waiting = True  # if there are any: whoever is started next wakes us
            await self._say_why(waits.hindrance(Hindrance(Lack.STARTS, self.reserved, starting), self.capacity))
            return
        head = await self._context.runs.queue.head(_LOOK_AHEAD, frozenset(holder.root_id for holder in holders))
        self._paused, held_ids = head.paused, self.supervisors.held_ids()
        queue = [one for one in head.runs if one.run_id not in held_ids]
        room, now_ms = self._room(), self._context.now_ms()
        made = choice(
            holders,
            await self._context.usage.judged(queue),
            room,
            now_ms=now_ms,
            reservation=self._policy.reservation,
            recent=self._recent,
            host=self._host(room),
            paused=head.paused,
        )
        chosen = made.runs
        self._are_runs_waiting = len(queue) > len(chosen)
        chosen_ids = {run.run_id for run in chosen}
        waiting = (run.created_at_ms for run in queue if run.run_id not in chosen_ids)
        self._oldest_waiting_at_ms = min(waiting, default=None)
        self._is_engine_there = False
        for run in chosen:
            await self._claim(run)
        self._recent.forget_old(now_ms)
        await self._say_why(waits.hindrance(made.hindrance, self.capacity) if made.hindrance else "")

    async def _say_why(self, why: str) -> None:
        """Let those who ask know why runs wait: when that changes, or would soon be forgotten; seldom, for it is but words."""
        now_ms = self._context.now_ms()
        if now_ms - self._said_at_ms >= (_SAY_AGAIN_MS if why == self._said else _SAY_SELDOM_MS) and (
            why or self._said
        ):
            self._said, self._said_at_ms = why, now_ms
            await self._context.runs.queue.say_why(why)

    async def _reach_engine(self) -> None:
        """Raise before a run is claimed that the engine cannot start; once for all that are claimed together."""
        if not self._is_engine_there:
            async with asyncio.timeout(_PING_S):
                await self._context.engine.ping()
        self._is_engine_there = True

    def _spare_bytes(self) -> int:
        """The memory that runs leave free."""
        return self.capacity.memory_bytes - self.reserved.memory_bytes

    @property
    def oldest_waiting_s(self) -> float | None:
        """For how long the oldest of the runs that are next has waited; None when there was none at the last look."""
        return self._oldest_waiting_at_ms and max(0, self._context.now_ms() - self._oldest_waiting_at_ms) / 1000

    @property
    def reserved(self) -> Amount:
        """What the attempts hold of the capacity."""
        return self._policy.reservation.total(self.supervisors.holders(), self.capacity)

    def _room(self) -> Amount:
        """The capacity with the disk as it is now."""
        return replace(self.capacity, disk_bytes=min(self.capacity.disk_bytes, self._free_disk_bytes()))

    def _host(self, room: Amount) -> HostState:
        """What the host says beside its capacity; what it lacks is told once."""
        of_memory = self._policy.lack_of_memory()
        had, self._lack = self._lack, "the disk is this full" if room.disk_bytes < 0 else of_memory
        if bool(had) != bool(self._lack):
            log.warning("no run starts while %s", self._lack) if self._lack else log.warning("the host has room again")
        self._policy.report(f"nothing starts: {self._lack}" if self._lack else "as there is room")
        return HostState(bool(of_memory), self._policy.parallel_starts)

    async def _claim(self, run: QueuedRun) -> None:
        now_ms = self._context.now_ms()
        deadline_ms = now_ms + round(self._context.limits.start_timeout_s * 1000)
        kind = await self.pool.kind(run.version_id, run.task_id)
        with self.pool.taking(kind, now_ms) as place, self.supervisors.claiming(run.run_id, place.state) as start:
            if place.state is None:
                await self._reach_engine()
            self._recent.note(run, now_ms)
            claimed = Claimed(deadline_ms, place.channel_id)
            try:
                decision = await self._context.runs.change(run.run_id, claimed, now_ms=now_ms)
            except (IllegalEvent, RunNotFound) as error:
                log.debug("not claimed: %s", error)
                return
            if decision is not None:
                place.keep()
                start(decision.run)
