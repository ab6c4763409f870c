"""One attempt's container: made, watched, stopped, and really gone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from typing import Final

from orchestrator.core.container import LABEL_STREAMS, PIDS_LIMIT, ContainerState, Identity, Role, Usage, compile_spec
from orchestrator.core.plans import PLANS
from orchestrator.core.run import Run
from orchestrator.engine.base import EngineError, EngineUnavailable
from orchestrator.scheduler.log_pump import LogPump
from orchestrator.scheduler.world import World
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE
from orchestrator_runtime import wire

log = logging.getLogger(__name__)

_LOG_DRAIN_S: Final = 5.0
_RETRY_S: Final = 0.5


class AttemptContainer:
    """The container of `run`'s current attempt; `adopted` is the one that exists already."""

    def __init__(self, world: World, run: Run, adopted: ContainerState | None = None) -> None:
        self._world = world
        self._run = run
        self._adopted = adopted
        self.nonce = adopted.labels[LABEL_STREAMS] if adopted else secrets.token_hex(16)
        self.id = adopted.id if adopted else ""
        self._pump: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Create its channel, and learn what it is made of; frames can be awaited from now on. Safe to repeat."""
        self._environment = await self._world.channel.open(self.nonce)
        if self._adopted is None:
            self._version = await self._world.workflows.version(self._run.version_id)

    async def start(self) -> None:
        """Create and start it, unless that was done before. Raises EngineError, LeaseLost."""
        if self._adopted is None:
            version = self._version
            env = {
                **version.env,
                **self._environment,
                wire.ENV_ENTRY_POINT: version.entry_point,
                wire.ENV_MODE: "run",
            }
            spec = compile_spec(self._identity(), version.image, PLANS[self._run.plan], env, self._world.containers)
            self._world.check_lease()
            self.id = await self._world.engine.create(spec)
        if self._adopted is None or self._adopted.started_at_ms is None:
            await self._world.engine.start(self.id)

    def _identity(self) -> Identity:
        return Identity(
            instance=self._world.instance,
            role=Role.ATTEMPT,
            nonce=self.nonce,
            run_id=self._run.id,
            attempt=self._run.attempt,
            fence=self._run.fence,
        )

    def pump_logs(self, group: asyncio.TaskGroup) -> None:
        """Begin to copy what it prints."""
        writer = self._world.logs.writer(keys.run_logs(self._run.id, self._run.attempt))
        pump = LogPump(self._world.engine, writer, self.id)
        self._pump = group.create_task(pump.run(), name=f"log of {self._run.id}")

    async def watch(self, report: Callable[[ContainerState | None], None]) -> None:
        """Call `report` once, when it has ended or is gone."""
        while True:
            try:
                report(await self._world.engine.wait(self.id))
                return
            except EngineError as error:
                log.warning("watching container %s: %s", self.id[:12], error)
                await asyncio.sleep(_RETRY_S)

    async def signal(self, name: str) -> None:
        """Send a signal, if there is anything to send it to."""
        if self.id:
            await self._world.engine.signal(self.id, name)

    async def usage(self) -> Usage:
        """What its processes use now; all they may when the engine cannot say."""
        try:
            return await self._world.engine.usage(self.id)
        except EngineError:
            return Usage(PLANS[self._run.plan].memory_bytes, PIDS_LIMIT)

    async def drain_logs(self) -> None:
        """Wait until all it printed is stored."""
        if self._pump is not None:
            done, _ = await asyncio.wait([self._pump], timeout=_LOG_DRAIN_S)
            if not done:
                log.warning("the log of run %s is still incomplete after %s s", self._run.id, _LOG_DRAIN_S)
                self._pump.cancel()

    async def remove(self) -> None:
        """Make it and its channel disappear, however long the engine is away; a sweep closes a channel that is away."""
        while self.id:
            try:
                await self._world.engine.remove(self.id)
                break
            except EngineUnavailable:
                await asyncio.sleep(_RETRY_S)
        with contextlib.suppress(*UNAVAILABLE):
            await self._world.channel.close(self.nonce)
