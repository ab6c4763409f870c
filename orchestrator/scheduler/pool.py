"""Containers started ahead: each loads the user's code, waits, and is given to one attempt.

What is here is forgotten by a crash: the next process removes what no attempt was given. A container that a run was claimed with is
named in that run, in the same step of the store, and is adopted like any other.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from orchestrator.channel import frames as fr
from orchestrator.core.container.spec import ContainerIdentity, ContainerState, Role, compile_spec
from orchestrator.core.plans import PLANS
from orchestrator.core.pool import Demand, Kind, PoolLimits, Situation, WarmContainer, plan_pool
from orchestrator.engine.base import EngineError
from orchestrator.scheduler.container import run_environment
from orchestrator.scheduler.context import Context
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.workflows import Unknown

log = logging.getLogger(__name__)

_LOOK_S: Final = 1.0
_FIRST_START_MS: Final = 500
"""How long a start takes, until one was seen."""
_SMOOTHING: Final = 0.2


@dataclass(slots=True)
class _Idle:
    """A container that has loaded its code; `state` is what its attempt adopts."""

    state: ContainerState
    warm: WarmContainer


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
        self, context: Context, limits: PoolLimits, spare_bytes: Callable[[], int], are_runs_waiting: Callable[[], bool]
    ) -> None:
        """`spare_bytes` is the memory that runs leave free."""
        self._context = context
        self._limits = limits
        self._spare_bytes = spare_bytes
        self._are_runs_waiting = are_runs_waiting
        self._demand = Demand()
        self._idle: dict[str, _Idle] = {}
        self._starting: dict[str, WarmContainer] = {}
        self._container_ids: set[str] = set()
        self._broken: set[str] = set()
        """Versions whose code did not load: their runs say why, and nothing more is started ahead."""
        self._start_ms: float = _FIRST_START_MS
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Keep the pool as the policy wants it, for ever; what is left at the end is removed by whoever schedules next."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    await self._step(group)
                except (EngineError, *UNAVAILABLE) as error:
                    log.warning("starting containers ahead was interrupted: %s", error)
                self._wake.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await self._wake.wait()

    @contextmanager
    def taking(self, kind: Kind, now_ms: int) -> Iterator[Place]:
        """Where a run of this kind is to live, from before its claim; what is not kept goes back."""
        self._demand.note(kind, now_ms)
        self._wake.set()
        idle = next((one for one in self._idle.values() if one.warm.kind == kind), None)
        if idle is None:
            yield Place(None, secrets.token_hex(16))
            return
        del self._idle[idle.state.id]
        place = Place(idle.state, idle.state.channel_id)
        try:
            yield place
        finally:
            if place.is_kept:
                self._container_ids.discard(idle.state.id)
            else:
                self._idle[idle.state.id] = idle

    def container_ids(self) -> frozenset[str]:
        """Those that are there without a run."""
        return frozenset(self._container_ids)

    def __len__(self) -> int:
        return len(self._idle)

    async def _step(self, group: asyncio.TaskGroup) -> None:
        now_ms = self._context.now_ms()
        self._demand.forget_before(now_ms - self._limits.idle_ms)
        await self._measure()
        situation = Situation(
            minimums=await self._minimums(),
            spare_bytes=self._spare_bytes(),
            are_runs_waiting=self._are_runs_waiting(),
            start_ms=round(self._start_ms),
            now_ms=now_ms,
        )
        warm = [*(one.warm for one in self._idle.values()), *self._starting.values()]
        plan = plan_pool(self._demand, warm, self._limits, situation)
        for container_id in plan.stop:
            if one := self._idle.pop(container_id, None):
                group.create_task(self._remove(one.state), name=f"remove warm container {container_id[:12]}")
        for kind in plan.start if not self._starting else ():
            name = secrets.token_hex(16)
            self._starting[name] = WarmContainer(name, kind, now_ms)
            group.create_task(self._start(name, kind), name=f"start ahead {kind}")

    async def _minimums(self) -> Mapping[Kind, int]:
        """The kinds that may be started ahead: of versions that serve and whose code loads."""
        serving = {workflow.version_id for workflow in await self._context.workflows.workflows()}
        return {kind: 0 for kind in self._demand.kinds() if kind.version_id in serving - self._broken}

    async def _measure(self) -> None:
        for one in list(self._idle.values()):
            used = await self._context.engine.usage(one.state.id)
            one.warm = replace(one.warm, memory_bytes=used.memory_bytes)

    async def _start(self, channel_id: str, kind: Kind) -> None:
        """Start one and wait until it has loaded its code; what fails is taken away again."""
        began_s = time.monotonic()
        state: ContainerState | None = None
        try:
            state = await self._create(channel_id, kind)
            if await self._has_loaded(channel_id, state):
                warm = WarmContainer(state.id, kind, self._context.now_ms())
                self._idle[state.id] = _Idle(state, warm)
                self._start_ms += _SMOOTHING * ((time.monotonic() - began_s) * 1000 - self._start_ms)
                return
            self._broken.add(kind.version_id)
            log.warning("version %s is not started ahead: its code did not load; its runs say why", kind.version_id)
            await self._remove(state)
        except (EngineError, Unknown, TimeoutError, *UNAVAILABLE) as error:
            log.warning("a container could not be started ahead: %s", error)
            await self._remove(state or ContainerState(id="", labels={}))
        finally:
            self._starting.pop(channel_id, None)
            self._wake.set()

    async def _create(self, channel_id: str, kind: Kind) -> ContainerState:
        version = await self._context.workflows.version(kind.version_id)
        environment = await self._context.channel.open(channel_id)
        identity = ContainerIdentity(self._context.instance, Role.WARM, channel_id)
        spec = compile_spec(
            identity,
            version.image,
            PLANS[kind.plan],
            run_environment(version, environment),
            self._context.containers,
        )
        self._context.check_lease()
        container_id = await self._context.engine.create(spec)
        self._container_ids.add(container_id)
        await self._context.engine.start(container_id)
        state = await self._context.engine.inspect(container_id)
        return state or ContainerState(id=container_id, labels=spec.labels)

    async def _has_loaded(self, channel_id: str, state: ContainerState) -> bool:
        """Whether its first word is that it is ready; the word stays where its attempt will find it."""
        frames = self._context.channel.subscribe(channel_id)
        ended = asyncio.ensure_future(self._context.engine.wait(state.id))
        first = asyncio.ensure_future(frames.get())
        try:
            await asyncio.wait(
                (ended, first), timeout=self._context.limits.start_timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if not first.done():
                return False
            frames.put_nowait(first.result())
            return isinstance(first.result().frame, fr.Ready)
        finally:
            ended.cancel()
            first.cancel()

    async def _remove(self, state: ContainerState) -> None:
        if state.id:
            await self._context.engine.remove(state.id)
            self._container_ids.discard(state.id)
        await self._context.channel.close(state.channel_id)
