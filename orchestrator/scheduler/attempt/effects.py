"""What the core says must follow when a run changes, carried out here and nowhere else, once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from orchestrator.core.runs import events as ev
from orchestrator.scheduler.attempt.container import AttemptContainer
from orchestrator.scheduler.attempt.outages import Outages
from orchestrator.scheduler.attempt.run import AttemptRun
from orchestrator.scheduler.attempt.termination import Termination
from orchestrator.scheduler.context import Context
from orchestrator.store.runs.cancel import cancel_descendants
from orchestrator.store.runs.store import Cascade
from orchestrator_runtime import wire


class Effects:
    """Of one attempt: each effect is tried until it is done, for the event that asked for it will not do so again."""

    def __init__(
        self,
        context: Context,
        run: AttemptRun,
        container: AttemptContainer,
        termination: Termination,
        outages: Outages,
    ) -> None:
        self._context = context
        self._run = run
        self._container = container
        self._termination = termination
        self._outages = outages

    async def change(self, event: ev.Event, result_json: str | None = None) -> bool:
        """Store what the event does to the run, and do what follows; False when it came too late, or again."""
        if self._run.is_over:
            return False
        effects = await self._run.change(event, result_json)
        if effects is None:
            await self.look()
            return False
        await self._carry_out_all(effects)
        return True

    async def look(self) -> None:
        """Read what others did to the run, and do what follows."""
        await self._carry_out_all(await self._run.look())
        if self._run.is_over:  # whoever ended the attempt, its container has nothing to do any more
            self._termination.kill_in(self._context.limits.exit_timeout_s)

    async def _carry_out_all(self, effects: Iterable[ev.Effect]) -> None:
        for effect in effects:
            await self._outages.outlast(partial(self._carry_out, effect))

    async def _carry_out(self, effect: ev.Effect) -> None:
        match effect:
            case ev.SendAssignment():
                await self.assign()
            case ev.AcknowledgeOutcome():
                await self.acknowledge()
            case ev.StopContainer():
                await self._termination.stop()
            case ev.CancelDescendants(reason):
                cascade = Cascade(self._run.known.id, self._run.attempt, reason)
                await cancel_descendants(self._context.runs, cascade, now_ms=self._context.now_ms())

    async def assign(self) -> None:
        """Give the run to the shim."""
        input_json = await self._context.runs.get_input(self._run.known.id)
        await self._context.channel.send(self._container.channel_id, self._run.assignment(), input=input_json)

    async def acknowledge(self) -> None:
        """Tell the shim that its outcome is stored, or not wanted any more: it can exit."""
        self._termination.kill_in(self._context.limits.exit_timeout_s)
        await self._context.channel.send(self._container.channel_id, wire.Ack(type="ack"))
        if self._container.forensics.acknowledged_at_ms is None:
            self._container.note(acknowledged_at_ms=self._context.now_ms())
