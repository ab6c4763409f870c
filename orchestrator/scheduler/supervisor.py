"""Looks after one attempt, from its claim until its container is gone.

Everything that happens to the attempt (a frame, a change in the feed, the container's end, a deadline) arrives in one inbox
and is handled in order. Handling is safe to repeat: the store decides what still counts.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from orchestrator.channel import frames as fr
from orchestrator.channel.channel import Received
from orchestrator.core import events as ev
from orchestrator.core.capacity import Holder
from orchestrator.core.container.exits import at_exit, verdict
from orchestrator.core.container.forensics import Forensics
from orchestrator.core.container.spec import ContainerState, Usage
from orchestrator.core.lifecycle import IllegalEvent
from orchestrator.core.run import Failure, FailureClass, Run, Status
from orchestrator.engine.base import EngineError, EngineUnavailable, ImageMissing
from orchestrator.scheduler.children import ChildDesk
from orchestrator.scheduler.container import AttemptContainer
from orchestrator.scheduler.context import Context
from orchestrator.store.cancel import cancel_descendants
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.feed import Change
from orchestrator.store.lease import LeaseLost
from orchestrator.store.runs import Cascade

log = logging.getLogger(__name__)

_RETRIED: Final = (EngineUnavailable, *UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Exited:
    """The container ended; `state` is None when it is gone."""

    state: ContainerState | None


@dataclass(frozen=True, slots=True)
class TimeIsUp:
    """A deadline passed."""


Item = Received | Change | None | Exited | TimeIsUp
"""What the inbox holds; None means that changes may have been missed."""


class Supervisor:
    """One attempt of one run."""

    def __init__(
        self, context: Context, run: Run, *, adopted: ContainerState | None = None, on_release: Callable[[], None]
    ) -> None:
        """`on_release` is called whenever the attempt holds less than before."""
        self._context = context
        self._run = run
        self.fence = run.fence
        self._attempt = run.attempt
        self._container = AttemptContainer(context, run, adopted)
        self._children = ChildDesk(context, run, self._container.channel_id)
        self._inbox: asyncio.Queue[Item] = asyncio.Queue()
        self._room_for_a_frame = asyncio.Semaphore(1)
        self._on_release = on_release
        self._is_waiting = False
        self._used = Usage()
        self._progress: Received | None = None
        self._kill_at_ms: int | None = None
        self.holds = True

    def __repr__(self) -> str:
        return f"<Supervisor run={self._run.id} attempt={self._run.attempt} {self._run.status}>"

    @property
    def run_id(self) -> str:
        """The run it looks after."""
        return self._run.id

    @property
    def container_id(self) -> str:
        """Its container; empty until there is one."""
        return self._container.id

    @property
    def holder(self) -> Holder:
        """What the attempt holds of the host."""
        return Holder(self._run.plan, self._is_waiting, self._used)

    def notice(self, change: Change | None) -> None:
        """Take a change of the own run or of a child; None means that some may have been missed."""
        if change is None or change.run_id == self.run_id or change.parent_id == self.run_id:
            self._inbox.put_nowait(change)

    async def run(self) -> None:
        """Do everything; returns when nothing of the attempt is left."""
        try:
            async with asyncio.TaskGroup() as group:
                await self._supervise(group)
        except* LeaseLost as lost:
            log.info("run %s is left to another orchestrator: %s", self.run_id, lost.exceptions[0])
        except* Exception as errors:
            log.exception("supervising run %s failed: a bug in the orchestrator", self.run_id)
            await self._give_up(f"the orchestrator failed: {errors.exceptions[0]!r}")

    # --- the attempt's life -----------------------------------------------------------------------------------------

    async def _supervise(self, group: asyncio.TaskGroup) -> None:
        watchers = []
        await self._insist(self._container.prepare)
        try:
            await self._container.start()
        except ImageMissing:
            await self._insist(self._await_image)
            self._inbox.put_nowait(Exited(None))
        except EngineError as error:
            self._inbox.put_nowait(Exited(await self._container.after_failed_start(error)))
        else:
            self._container.pump_logs(group)
            watchers.append(group.create_task(self._container.watch(self._report_exit), name=f"watch {self.run_id}"))
            watchers.append(group.create_task(self._container.sample(), name=f"sample {self.run_id}"))
            watchers.append(group.create_task(self._forward_frames(), name=f"frames of {self.run_id}"))
        self._inbox.put_nowait(None)
        exited = await self._until_exit()
        await self._after_exit(exited)
        for watcher in watchers:
            watcher.cancel()

    async def _await_image(self) -> None:
        """Give the run back until its image is built again, or end it when that has failed."""
        now_ms = self._context.now_ms()
        why = await self._context.workflows.builds.again(self._run.version_id, now_ms=now_ms)
        if why is None:
            await self._change(ev.ImageAwaited("its image, which was removed from this host and is being built again"))
        else:
            message = f"the version's image was removed from this host, and could not be built again: {why}"
            await self._change(ev.ContainerExited(Failure(FailureClass.INFRA, message, retryable=False), None))

    def _report_exit(self, state: ContainerState | None) -> None:
        self._inbox.put_nowait(Exited(state))

    async def _forward_frames(self) -> None:
        """One at a time: however much a container has to say, news of its run need not queue up behind it."""
        frames = self._context.channel.subscribe(self._container.channel_id)
        while True:
            await self._room_for_a_frame.acquire()
            self._inbox.put_nowait(await frames.get())

    async def _until_exit(self) -> Exited:
        while True:
            item = await self._next()
            if isinstance(item, Exited):
                return item
            await self._insist(partial(self._handle, item))
            if isinstance(item, Received):
                self._room_for_a_frame.release()

    async def _after_exit(self, exited: Exited) -> None:
        self.holds = False
        self._on_release()
        await self._handle_last_frames()
        await self._insist(partial(self._record_exit, exited.state))
        await self._container.drain_logs()
        await self._container.remove()

    async def _next(self) -> Item:
        deadlines = [at for at in (self._run.attempt_deadline_at_ms, self._kill_at_ms) if at is not None]
        if not deadlines:
            return await self._inbox.get()
        wait_s = (min(deadlines) - self._context.now_ms()) / 1000
        if wait_s <= 0:
            return TimeIsUp()  # whatever else there is: a container that never stops talking must not put it off
        try:
            async with asyncio.timeout(wait_s):
                return await self._inbox.get()
        except TimeoutError:
            return TimeIsUp()

    async def _handle(self, item: Item) -> None:
        match item:
            case Received():
                await self._handle_frame(item.frame)
                await self._settle(item)
            case TimeIsUp():
                await self._handle_deadline()
            case Change(run_id=run_id) if run_id == self.run_id:
                await self._look_at_run()
            case Change(run_id=run_id):
                await self._children.answer(run_id)
            case None:
                await self._look_at_run()
                await self._children.answer_all()
            case Exited():
                raise AssertionError("the loop ends with it")

    async def _handle_last_frames(self) -> None:
        """An outcome sent just before the end counts; the queue is complete once the stream was drained."""
        await self._insist(partial(self._context.channel.drain, self._container.channel_id))
        while (received := self._take_frame()) is not None:
            await self._insist(partial(self._handle, received))

    def _take_frame(self) -> Received | None:
        """The oldest frame that waits in the inbox, or else on its way there."""
        for queue in (self._inbox, self._context.channel.subscribe(self._container.channel_id)):
            while not queue.empty():
                item = queue.get_nowait()
                if isinstance(item, Received):
                    return item
        return None

    async def _record_exit(self, state: ContainerState | None) -> None:
        found = self._container.forensics
        if state is not None and found.measured.oom_kills:
            state = replace(state, oom_killed=True)
        failure = verdict(state, self._run.plan)
        found = at_exit(found, state, failure)
        await self._change(ev.ContainerExited(failure, state.exit_code if state else None, found))

    # --- frames -----------------------------------------------------------------------------------------------------

    async def _handle_frame(self, frame: fr.Frame) -> None:
        match frame:
            case fr.Ready(load_ms=load_ms):
                self._container.note(ready_at_ms=self._context.now_ms(), load_ms=round(load_ms))
                await self._assign()
            case fr.Child():
                await self._children.create(frame)
            case fr.Progress(waiting=waiting):
                await self._set_waiting(waiting)
            case fr.Result(value=value):
                await self._outcome(ev.ResultReported(self._measured()), json.dumps(value, ensure_ascii=False))
            case fr.Error(error=info):
                failure = Failure(FailureClass.ERROR, info.message, info.type, info.traceback, info.retryable)
                await self._outcome(ev.ErrorReported(failure, self._measured()))
            case fr.Violation(reason=reason):
                await self._violation(reason)
            case fr.Tasks():
                log.warning("run %s announced tasks while running: ignored", self.run_id)

    def _measured(self) -> Forensics:
        """All that is known now, while the container waits for its answer and can still be measured."""
        self._container.measure()
        return self._container.forensics

    async def _settle(self, received: Received) -> None:
        """Forget the frame; but the newest word on waiting stays, to be read again by whoever adopts the attempt."""
        settled: Received | None = received
        if isinstance(received.frame, fr.Progress):
            settled, self._progress = self._progress, received
        if settled is not None and (settled is received or settled.entry != received.entry):
            await self._context.channel.settle(self._container.channel_id, settled)

    async def _assign(self) -> None:
        """Give the run to the shim; again if it asks again, for the first answer may be lost."""
        await self._change(ev.ShimReady())
        if self._run.status is Status.RUNNING:
            stored = await self._context.runs.get_stored(self.run_id)
            await self._context.channel.send(
                self._container.channel_id,
                {
                    "type": "assign",
                    "run_id": self.run_id,
                    "root_run_id": self._run.root_id,
                    "parent_run_id": self._run.parent_id,
                    "attempt": self._run.attempt,
                    "timeout_s": self._run.timeout_s,
                    "task": self._run.task,
                    "input": json.loads(stored.input),
                },
            )

    async def _outcome(self, event: ev.ResultReported | ev.ErrorReported, result_json: str | None = None) -> None:
        await self._change(event, result_json)
        await self._context.channel.send(self._container.channel_id, {"type": "ack"})
        self._kill_in(self._context.limits.exit_timeout_s)

    async def _violation(self, reason: str) -> None:
        message = f"the container broke the channel's protocol: {reason}"
        failure = Failure(FailureClass.ERROR, message, "ProtocolViolation", retryable=False)
        await self._change(ev.ErrorReported(failure, self._measured()))
        self._kill_in(0)

    async def _set_waiting(self, waiting: bool) -> None:
        if waiting:
            self._used = await self._container.usage()
        self._is_waiting = waiting
        if waiting:
            self._on_release()

    # --- the run ----------------------------------------------------------------------------------------------------

    async def _look_at_run(self) -> None:
        """See what others did to the run: a cancel is written by the API."""
        run = await self._context.runs.get(self.run_id)
        if run.fence != self.fence:
            self._run = replace(self._run, attempt_deadline_at_ms=None)
            await self._stop("a newer attempt has begun")
            return
        self._run = run
        if run.status is Status.STOPPING:
            await self._stop(run.stop_cause.message if run.stop_cause else "")

    async def _handle_deadline(self) -> None:
        if self._kill_at_ms is not None and self._context.now_ms() >= self._kill_at_ms:
            # Again and again, until its end was seen: a kill can be lost with the engine that was asked for it.
            self._kill_at_ms = self._context.now_ms() + round(self._context.limits.kill_interval_s * 1000)
            await self._container.signal("SIGKILL")
        else:
            await self._change(ev.DeadlinePassed())

    async def _change(self, event: ev.Event, result_json: str | None = None) -> None:
        """Store what the event does to the run and carry out the effects that are not answers to the shim."""
        now_ms = self._context.now_ms()
        try:
            decision = await self._context.runs.change(
                self.run_id, event, now_ms=now_ms, fence=self.fence, result_json=result_json
            )
        except IllegalEvent as late:
            log.debug("%s", late)
            await self._look_at_run()
            return
        if decision is None:
            await self._look_at_run()
            return
        self._run = decision.run
        for effect in decision.effects:
            match effect:
                case ev.StopContainer(reason):
                    await self._stop(reason)
                case ev.CancelDescendants(reason):
                    await self._cancel_descendants(reason)
                case ev.SendAssignment() | ev.AcknowledgeOutcome():
                    pass  # the frame's own handler answers, also when the frame comes twice

    async def _stop(self, reason: str) -> None:
        if self._kill_at_ms is None:
            await self._container.signal("SIGTERM")
            self._kill_in(self._context.limits.grace_s)
            await self._cancel_descendants(reason)

    def _kill_in(self, wait_s: float) -> None:
        """Kill it then at the latest; a word from the container never puts off what was decided before."""
        at_ms = self._context.now_ms() + round(wait_s * 1000)
        self._kill_at_ms = at_ms if self._kill_at_ms is None else min(at_ms, self._kill_at_ms)

    async def _cancel_descendants(self, reason: str) -> None:
        attempt = self._attempt
        await cancel_descendants(self._context.runs, self.run_id, attempt, reason, now_ms=self._context.now_ms())
        await self._context.runs.cascade_done(Cascade(self.run_id, attempt, reason))

    async def _give_up(self, message: str) -> None:
        self.holds = False
        failure = Failure(FailureClass.INFRA, message)
        await self._insist(partial(self._change, ev.ContainerExited(failure, None)))
        await self._container.remove()

    async def _insist(self, action: Callable[[], Awaitable[None]]) -> None:
        """Do it, however long store, channel or engine are away."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_RETRIED), wait=wait_exponential(0.05, max=1.0), reraise=True
        )
        await retrying(action)
