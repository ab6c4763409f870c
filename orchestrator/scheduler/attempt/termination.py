"""How an attempt's container is ended: SIGTERM, a grace period, and SIGKILL until its end was seen."""

from __future__ import annotations

from orchestrator.scheduler.attempt.container import AttemptContainer
from orchestrator.scheduler.context import Context


class Termination:
    """Of one container; `kill_at_ms` is None while it may live."""

    def __init__(self, context: Context, container: AttemptContainer) -> None:
        self._context = context
        self._container = container
        self.kill_at_ms: int | None = None

    async def stop(self) -> None:
        """Ask it to end, once, unless its end is near anyway."""
        if self.kill_at_ms is None:
            await self._container.signal("SIGTERM")
            self.kill_in(self._context.limits.grace_s)

    def kill_in(self, wait_s: float) -> None:
        """Kill it then at the latest; a word from the container never puts off what was decided before."""
        at_ms = self._context.now_ms() + round(wait_s * 1000)
        self.kill_at_ms = at_ms if self.kill_at_ms is None else min(at_ms, self.kill_at_ms)

    @property
    def is_due(self) -> bool:
        """Whether it must be killed now."""
        return self.kill_at_ms is not None and self._context.now_ms() >= self.kill_at_ms

    async def kill(self) -> None:
        """Now, and again later, until its end was seen: a kill can be lost with the engine that was asked for it."""
        self.kill_at_ms = self._context.now_ms() + round(self._context.limits.kill_interval_s * 1000)
        await self._container.signal("SIGKILL")
