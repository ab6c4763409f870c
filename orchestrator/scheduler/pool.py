"""Containers started ahead: each loads the user's code, waits, and is given to one attempt.

What is here is forgotten by a crash: the next process removes what no attempt was given. A container that a run was claimed with is
named in that run, in the same step of the store, and is adopted like any other.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from orchestrator.core.container.spec import ContainerState
from orchestrator.core.scheduling.pool import (
    Demand,
    Kind,
    PoolLimits,
    Rests,
    Situation,
    WarmContainer,
    plan_pool,
)
from orchestrator.core.scheduling.situation import Warm
from orchestrator.core.tasks import TaskSpec
from orchestrator.core.workflow import Version
from orchestrator.engine.base import EngineError
from orchestrator.scheduler.context import Context
from orchestrator.scheduler.warm_start import WarmStart
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.workflows.store import Unknown

log = logging.getLogger(__name__)

_LOOK_S: Final = 5.0
"""Between two looks at what is there, when no run comes."""
_MEASURE_S: Final = 30.0
"""Between two looks at what waiting containers use, which hardly changes."""
_SETTLE_S: Final = 0.1
"""What the run that took a container has to itself: most short ones are over before the next is started."""
_PAUSE_S: Final = 30.0
"""After a start that failed."""
TURN_MS: Final = 3_000
"""For how long a start holds up those of other kinds: what takes longer is the user's code, which loads."""
_LOADING_AT_ONCE: Final = 4
_RETRY_S: Final = 1.0
_CLEAR_S: Final = 8.0
"""Less than a stop may take."""
_FIRST_START_MS: Final = 500
"""How long a start takes, until one was seen."""
_SMOOTHING: Final = 0.2


@dataclass(slots=True)
class _Idle:
    """A container that has loaded its code; `state` is what its attempt adopts."""

    state: ContainerState
    warm: WarmContainer
    watch: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Place:
    """The container of a run that is being claimed: `state` is None when it is still to be made."""

    state: ContainerState | None
    channel_id: str
    is_kept: bool = False

    def keep(self) -> None:
        """The run was claimed."""
        self.is_kept = True


class WarmPool:
    """The pool of one term: started anew by every leader."""

    def __init__(
        self,
        context: Context,
        limits: PoolLimits,
        spare_bytes: Callable[[], int],
        are_runs_waiting: Callable[[], bool],
        paused: Callable[[], Set[str]] = frozenset,
    ) -> None:
        """`spare_bytes` is the memory that runs leave free, `paused` has the ids of workflows and tasks that wait."""
        self._context = context
        self._limits = limits
        self._spare_bytes = spare_bytes
        self._are_runs_waiting = are_runs_waiting
        self._paused = paused
        self._demand = Demand()
        self._idle: dict[str, _Idle] = {}
        self._starting: dict[str, WarmContainer] = {}
        self._unclaimed: dict[str, str] = {}
        """The container, empty before it is created, of each channel that no run was given."""
        self._broken: set[str] = set()
        """Versions whose code did not load: their runs say why, and nothing more is started ahead."""
        self._rests = Rests()
        self._serving: Mapping[str, Version] = {}
        self._look_at_s = 0.0
        self._measure_at_s = 0.0
        self._not_before_s = 0.0
        self._start_ms: float = _FIRST_START_MS
        self._wake = asyncio.Event()
        self.hits = 0
        """Claims that found a container waiting; `misses` are those that might have, and found none."""
        self.misses = 0

    async def run(self) -> None:
        """Keep the pool as the policy wants it, for ever, unless it wants none."""
        if not self._limits.most_per_kind:
            return
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    await self._step(group)
                    await self._rest()
        finally:
            await self._clear()

    async def _rest(self) -> None:
        """Until a run took a container and had some time with it, or it is time to look anyway."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                await self._wake.wait()
            await asyncio.sleep(_SETTLE_S)
        self._wake.clear()

    async def _clear(self) -> None:
        """Leave nothing behind that waits for a run of ours, where the engine answers soon enough."""
        self._idle.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLEAR_S):
                await asyncio.gather(*(self._remove(channel_id) for channel_id in list(self._unclaimed)))

    async def kind(self, version_id: str, task_id: str) -> Kind | None:
        """What a run of the task may find ready; None when nothing is started ahead for it."""
        if not self._limits.most_per_kind:
            return None
        with suppress(Unknown):
            version = await self._context.workflows.version(version_id)
            task = version.task_of(task_id)
            return Kind.of(version_id, task) if task and task.warm.is_on else None
        return None

    @contextmanager
    def taking(self, kind: Kind | None, now_ms: int) -> Iterator[Place]:
        """Where a run is to live, from before its claim; what is not kept goes back."""
        if kind is None:
            yield Place(None, secrets.token_hex(16))
            return
        self._demand.note(kind, now_ms)
        self._wake.set()
        idle = next((one for one in self._idle.values() if one.warm.kind == kind), None)
        place = Place(idle.state, idle.state.channel_id) if idle else Place(None, secrets.token_hex(16))
        if idle:
            del self._idle[idle.state.id]
        try:
            yield place
        finally:
            self._conclude(place, idle)

    def _conclude(self, place: Place, idle: _Idle | None) -> None:
        """The claim succeeded, or it did not."""
        if place.is_kept:
            self.hits += idle is not None
            self.misses += idle is None
        if idle and place.is_kept:
            self._unclaimed.pop(place.channel_id, None)
            if idle.watch:
                idle.watch.cancel()
        elif idle and idle.watch and idle.watch.done():  # it ended meanwhile, unnoticed: a sweep takes it away
            self._unclaimed.pop(place.channel_id, None)
        elif idle:
            self._idle[idle.state.id] = idle

    def channel_ids(self) -> frozenset[str]:
        """Of the containers that are there, or being made, without a run."""
        return frozenset(self._unclaimed)

    def __len__(self) -> int:
        return len(self._idle)

    def by_kind(self) -> Iterator[Warm]:
        """How many of each kind wait, and are being started."""
        ready = Counter(one.warm.kind for one in self._idle.values())
        starting = Counter(one.kind for one in self._starting.values())
        for kind in sorted(ready.keys() | starting.keys(), key=lambda kind: (kind.version_id, kind.plan)):
            yield Warm(kind, ready[kind], starting[kind])

    async def _step(self, group: asyncio.TaskGroup) -> None:
        try:
            await self._plan(group)
        except (EngineError, *UNAVAILABLE) as error:
            log.warning("starting containers ahead was interrupted: %s", error)

    async def _plan(self, group: asyncio.TaskGroup) -> None:
        now_ms = self._context.now_ms()
        self._demand.forget_before(now_ms - self._limits.idle_ms)
        await self._look()
        situation = Situation(
            minimums=self._minimums(),
            spare_bytes=self._spare_bytes(),
            are_runs_waiting=self._are_runs_waiting(),
            start_ms=round(self._start_ms),
            now_ms=now_ms,
            loading=frozenset(one.kind for one in self._starting.values()),
        )
        warm = [*(one.warm for one in self._idle.values()), *self._starting.values()]
        plan = plan_pool(self._demand, warm, self._limits, situation)
        for container_id in plan.stop:
            if one := self._idle.pop(container_id, None):
                group.create_task(self._remove(one.state.channel_id), name=f"remove warm container {container_id[:12]}")
        for kind in plan.start if self._may_start(now_ms) else ():
            name = secrets.token_hex(16)
            self._starting[name] = WarmContainer(name, kind, now_ms)
            group.create_task(self._start(group, name, kind), name=f"start ahead {kind}")

    def _may_start(self, now_ms: int) -> bool:
        is_held_up = any(now_ms - one.started_at_ms < TURN_MS for one in self._starting.values())
        is_full = len(self._starting) >= _LOADING_AT_ONCE
        return not is_held_up and not is_full and time.monotonic() >= self._not_before_s

    async def _look(self) -> None:
        """See which versions serve and what the containers use: now and then, and what is new at once."""
        is_due = time.monotonic() >= self._look_at_s
        if is_due or any(kind.version_id not in self._serving for kind in self._demand.kinds()):
            self._serving = await self._read_serving()
            self._look_at_s = time.monotonic() + _LOOK_S
        must_measure = time.monotonic() >= self._measure_at_s
        for one in [one for one in self._idle.values() if must_measure or not one.warm.memory_bytes]:
            used = await self._context.engine.usage(one.state.id)
            one.warm = replace(one.warm, memory_bytes=used.memory_bytes)
        if must_measure:
            self._measure_at_s = time.monotonic() + _MEASURE_S

    async def _read_serving(self) -> Mapping[str, Version]:
        workflows = self._context.workflows
        found = [one.version_id for one in await workflows.workflows() if one.version_id]
        serving: dict[str, Version] = {}
        for version_id in found:
            with suppress(Unknown):  # its workflow was deleted meanwhile
                serving[version_id] = await workflows.version(version_id)
        return serving

    def _minimums(self) -> Mapping[Kind, int]:
        """The kinds that may be started ahead: of versions that serve and whose code loads, and of tasks that are not paused."""
        found: dict[Kind, int] = {}
        for version in self._serving.values():
            for task in self._startable(version):
                kind = Kind.of(version.id, task)
                found[kind] = max(found.get(kind, 0), task.warm.minimum)
        asked = set(self._demand.kinds())
        return {kind: least for kind, least in found.items() if least or kind in asked}

    def _startable(self, version: Version) -> list[TaskSpec]:
        """The version's tasks of which runs may start, and may find a container."""
        paused = self._paused()
        if version.workflow_id in paused or self._is_left_alone(version.id):
            return []
        return [task for task in version.tasks if task.warm.is_on and task.id not in paused]

    def _is_left_alone(self, version_id: str) -> bool:
        return version_id in self._broken or self._rests.has(version_id, self._context.now_ms())

    async def _start(self, group: asyncio.TaskGroup, channel_id: str, kind: Kind) -> None:
        """Start one and wait until it has loaded its code; what fails is taken away again."""
        began_s = time.monotonic()
        self._unclaimed[channel_id] = ""
        made = WarmStart(self._context, channel_id, kind, partial(self._unclaimed.__setitem__, channel_id))
        try:
            state = await made.run()
            if state is None:
                self._broken.add(kind.version_id)
                log.warning("version %s is not started ahead: its code did not load; its runs say why", kind.version_id)
            else:
                idle = self._idle[state.id] = _Idle(state, WarmContainer(state.id, kind, self._context.now_ms()))
                self._start_ms += _SMOOTHING * ((time.monotonic() - began_s) * 1000 - self._start_ms)
                idle.watch = group.create_task(self._watch(state), name=f"watch warm container {state.id[:12]}")
        except (EngineError, Unknown, *UNAVAILABLE) as error:
            log.warning("a container could not be started ahead: %s", error)
            self._not_before_s = time.monotonic() + _PAUSE_S
            state = None
        finally:
            self._starting.pop(channel_id, None)
            self._wake.set()
        if state is None:
            await self._remove(channel_id)

    async def _watch(self, state: ContainerState) -> None:
        """Give one that ends while it waits to nobody."""
        while state.id in self._idle:
            with suppress(EngineError):
                ended = await self._context.engine.wait(state.id)
                if one := self._idle.pop(state.id, None):
                    if ended is not None:  # else somebody removed it, which says nothing about the code
                        self._rests.note(one.warm.kind.version_id, self._context.now_ms())
                    log.warning("container %s, which was started ahead, ended while it waited", state.id[:12])
                    await self._remove(state.channel_id)
                return
            await asyncio.sleep(_RETRY_S)

    async def _remove(self, channel_id: str) -> None:
        """Take the container and its channel away; where that fails now, a sweep does it, for they are ours no more."""
        with suppress(EngineError, *UNAVAILABLE):
            if container_id := self._unclaimed.get(channel_id):
                await self._context.engine.remove(container_id)
            await self._context.channel.close(channel_id)
        self._unclaimed.pop(channel_id, None)
