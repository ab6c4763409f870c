"""One container, started before there is a run for it, until it has loaded the user's code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from orchestrator.core.container.exits import verdict
from orchestrator.core.container.spec import ContainerIdentity, ContainerSpec, ContainerState, Role, compile_spec
from orchestrator.core.plans import PLANS
from orchestrator.core.runs.run import FailureClass
from orchestrator.core.scheduling.pool import Kind
from orchestrator.engine.base import EngineError
from orchestrator.scheduler.attempt.container import run_environment
from orchestrator.scheduler.context import Context
from orchestrator_runtime import wire


class WarmStart:
    """A container like an attempt's, hardened and capped like it, with nothing of any run in it."""

    def __init__(self, context: Context, channel_id: str, kind: Kind, on_created: Callable[[str], None]) -> None:
        """`on_created` takes its id."""
        self._context = context
        self._channel_id = channel_id
        self._kind = kind
        self._on_created = on_created
        self.container_id = ""
        """Empty until it is created."""

    async def run(self) -> ContainerState | None:
        """The container, ready for an assignment; None when its code did not load. Raises EngineError, Unknown, LeaseLost."""
        version = await self._context.workflows.version(self._kind.version_id)
        environment = run_environment(version, await self._context.channel.open(self._channel_id))
        identity = ContainerIdentity(self._context.instance, Role.WARM, self._channel_id)
        plan, reach = PLANS[self._kind.plan], self._kind.reach
        spec = compile_spec(identity, version.image, plan, environment, self._context.containers, reach)
        self._context.check_lease()
        await self._create(spec)
        await self._context.engine.start(self.container_id)
        return await self._context.engine.inspect(self.container_id) if await self._has_loaded() else None

    async def _create(self, spec: ContainerSpec) -> None:
        """Know its id even when this is canceled meanwhile: Docker finishes what it has begun."""
        creating = asyncio.ensure_future(self._context.engine.create(spec))
        try:
            self.container_id = await asyncio.shield(creating)
        except asyncio.CancelledError:
            self.container_id = await creating
            raise
        finally:
            if self.container_id:
                self._on_created(self.container_id)

    def _check_lost(self, ended: asyncio.Future[ContainerState | None]) -> None:
        """Raise EngineError when the code is not to blame: its container was removed, or the engine with it."""
        if ended.done() and verdict(ended.result(), self._kind.plan).cls is FailureClass.INFRA:
            raise EngineError(f"container {self.container_id[:12]} was lost while it loaded the code")

    async def _has_loaded(self) -> bool:
        """Whether its first word is that it is ready; the word stays where its attempt will find it."""
        frames = self._context.channel.subscribe(self._channel_id)
        ended = asyncio.ensure_future(self._context.engine.wait(self.container_id))
        first = asyncio.ensure_future(frames.get())
        limit_s = self._context.limits.start_timeout_s
        try:
            await asyncio.wait((ended, first), timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            if not first.done():
                self._check_lost(ended)
                return False
            frames.put_nowait(first.result())
            return isinstance(first.result().frame, wire.Ready)
        finally:
            ended.cancel()
            first.cancel()
