"""Looks after one attempt, from its claim until its container is gone.

Everything that happens to the attempt (a frame, a change in the feed, the container's end, a deadline) arrives in one inbox
and is handled in order. Handling is safe to repeat: the store decides what still counts. What the core says must follow is done
by `effects.py`, once.
"""

from __future__ import annotations

import logging
from asyncio import TaskGroup, current_task
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from orchestrator.channel.channel import Received
from orchestrator.channel.frames import Frame, Violation, json_of
from orchestrator.core.container.exits import at_exit
from orchestrator.core.container.spec import ContainerState
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import TERMINAL, Failure, FailureClass, Run, Status
from orchestrator.core.scheduling.capacity import Holder
from orchestrator.engine.base import EngineError, ImageMissing
from orchestrator.scheduler.attempt.children import ChildDesk, Insistent
from orchestrator.scheduler.attempt.container import AttemptContainer
from orchestrator.scheduler.attempt.effects import Effects
from orchestrator.scheduler.attempt.inbox import Broken, Exited, Inbox, Item, TimeIsUp
from orchestrator.scheduler.attempt.notes import Notes
from orchestrator.scheduler.attempt.outages import Outages, Overtaken
from orchestrator.scheduler.attempt.outbox import Outbox
from orchestrator.scheduler.attempt.outcome import Outcome
from orchestrator.scheduler.attempt.run import AttemptRun
from orchestrator.scheduler.attempt.termination import Termination
from orchestrator.scheduler.context import Context
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.lease import LeaseLost
from orchestrator.store.runs.feed import Change
from orchestrator_runtime import wire

log = logging.getLogger(__name__)


class Supervisor:
    """One attempt of one run."""

    def __init__(
        self,
        context: Context,
        run: Run,
        inbox: Inbox,
        *,
        adopted: ContainerState | None = None,
        is_warm: bool = False,
        on_release: Callable[[], None],
        on_started: Callable[[], None] = lambda: None,
    ) -> None:
        """`inbox` takes the run's changes since before `run` was read; `on_release` is called when the attempt holds less.

        `on_started` when its container was started. `adopted` is the one that is there already, `is_warm` if new to a run.
        """
        self._context = context
        self._run = AttemptRun(context, run)
        self._inbox = inbox
        self._is_adopted = adopted is not None and not is_warm
        self._container = AttemptContainer(context, run, adopted, is_warm=is_warm)
        self._termination = Termination(context, self._container)
        self._outbox = Outbox(context.channel, self._container.channel_id, lambda error: inbox.put(Broken(error)))
        self._children = ChildDesk(context, run, self._container.channel_id, self._outbox)
        self._notes = Notes(context, self._run)
        self._on_release = on_release
        self._on_started = on_started
        self._is_waiting = False
        self._waiting: Received | None = None
        self._outages = Outages(inbox, self._is_late)
        self._effects = Effects(context, self._run, self._container, self._termination, self._outages)
        self._outcome = Outcome(context, self._run, self._container, self._notes, self._effects)
        self.holds = True

    def __repr__(self) -> str:
        return f"<Supervisor run={self.run_id} attempt={self._run.attempt} {self._run.known.status}>"

    @property
    def run_id(self) -> str:
        """The run it looks after."""
        return self._run.known.id

    @property
    def fence(self) -> int:
        """Of the claim that made the attempt."""
        return self._run.fence

    @property
    def container_id(self) -> str:
        """Its container; empty until there is one."""
        return self._container.id

    @property
    def is_over(self) -> bool:
        """Whether the attempt has ended: only its container is to go."""
        return self._run.is_over

    @property
    def holder(self) -> Holder:
        """What the attempt holds of the host: as one that waits only while there is something to wait for."""
        is_waiting = self._is_waiting and self._children.has_unanswered
        return self._container.holder(self._run.known, is_waiting=is_waiting)

    @property
    def peak_memory_bytes(self) -> int:
        """The most its container has used so far; 0 when that was not seen."""
        return self._container.forensics.measured.peak_memory_bytes or 0

    async def run(self) -> None:
        """Do everything; returns when nothing of the attempt is left."""
        try:
            async with TaskGroup() as group:
                await self._supervise(group)
        except* LeaseLost as lost:
            log.info("run %s is left to another orchestrator: %s", self.run_id, lost.exceptions[0])
        except* Exception as errors:
            log.exception("supervising run %s failed: a bug in the orchestrator", self.run_id)
            task = current_task()
            # A canceled one's attempt is the next supervisor's, whatever failed on the way out.
            if task is None or not task.cancelling():
                await self._give_up(f"the orchestrator failed: {errors.exceptions[0]!r}")
        finally:
            self._release()

    def _release(self) -> None:
        """Hold nothing of the host any more."""
        if self.holds:
            self.holds = False
            self._on_release()

    # --- the attempt's life -----------------------------------------------------------------------------------------

    async def _supervise(self, group: TaskGroup) -> None:
        watchers = []
        await self._outages.outlast(self._container.prepare)
        try:
            await self._container.start()
        except ImageMissing:
            await self._outages.outlast(self._await_image)
            self._inbox.put(Exited(None))
        except EngineError as error:
            self._inbox.put(Exited(await self._container.after_failed_start(error)))
        else:
            self._on_started()
            self._container.pump_logs(group)
            frames = self._context.channel.subscribe(self._container.channel_id)
            watchers = [
                group.create_task(self._container.watch(self._report_exit), name=f"watch {self.run_id}"),
                group.create_task(self._container.sample(lambda: self._is_waiting), name=f"sample {self.run_id}"),
                group.create_task(self._inbox.forward(frames), name=f"frames of {self.run_id}"),
                group.create_task(self._outbox.run(), name=f"answers to {self.run_id}"),
            ]
        if self._is_adopted:
            self._inbox.put(None)
        exited = await self._until_exit()
        await self._after_exit(exited)
        for watcher in watchers:
            watcher.cancel()

    async def _await_image(self) -> None:
        """Give the run back until its image is built again, or end it when that has failed."""
        now_ms = self._context.now_ms()
        why = await self._context.workflows.builds.again(self._run.known.version_id, now_ms=now_ms)
        if why is None:
            await self._effects.change(
                ev.ImageAwaited("its image, which was removed from this host and is being built again")
            )
        else:
            message = f"the version's image was removed from this host, and could not be built again: {why}"
            await self._effects.change(ev.ContainerExited(Failure(FailureClass.INFRA, message, retryable=False), None))

    def _report_exit(self, state: ContainerState | None) -> None:
        self._inbox.put(Exited(state))

    async def _until_exit(self) -> Exited:
        while True:
            item = await self._inbox.next(self._left_s())
            if isinstance(item, Exited):
                return item
            try:
                await self._outages.handle(item, partial(self._handle, item))
            except Overtaken:
                self._inbox.put(item)
            else:
                self._inbox.handled(item)

    async def _after_exit(self, exited: Exited) -> None:
        self._release()
        await self._handle_last_frames()
        if self._is_time_up:  # the store could not be told while it lived
            await self._outages.outlast(partial(self._effects.change, ev.DeadlinePassed()))
        await self._outages.outlast(self._notes.flush)
        await self._outages.outlast(partial(self._record_exit, exited.state))
        await self._learn()
        await self._container.drain_logs()
        await self._leave()

    async def _leave(self) -> None:
        """Remove the container, and keep when that was: as well as can be, for nothing depends on it."""
        await self._container.remove()
        if self._container.id:
            self._container.note(removed_at_ms=self._context.now_ms())
            with suppress(*UNAVAILABLE):
                await self._context.runs.left(self._run.known, self._run.attempt, self._container.forensics)

    async def _give_up(self, message: str) -> None:
        self._release()
        failure = Failure(FailureClass.INFRA, message)
        await self._outages.outlast(partial(self._effects.change, ev.ContainerExited(failure, None)))
        await self._leave()

    @property
    def _is_time_up(self) -> bool:
        at_ms = self._run.deadline_at_ms
        return at_ms is not None and at_ms <= self._context.now_ms()

    def _is_late(self, handled: Item) -> bool:
        return self._termination.is_due or (self._is_time_up and not isinstance(handled, TimeIsUp))

    async def _learn(self) -> None:
        run = self._run.known
        if self._run.is_over and run.fence == self.fence and await self._context.usage.learn(run):
            self._on_release()

    def _left_s(self) -> float | None:
        """Until the next deadline."""
        deadlines = [at for at in (self._run.deadline_at_ms, self._termination.kill_at_ms) if at is not None]
        return (min(deadlines) - self._context.now_ms()) / 1000 if deadlines else None

    async def _handle(self, item: Item) -> None:
        """An error of ours would come back with the same item: it ends the run, and what the task did is not done again."""
        try:
            await self._respond(item)
        except (Overtaken, LeaseLost, EngineError, *UNAVAILABLE):
            raise
        except Exception as error:
            log.exception("run %s cannot be looked after: a bug in the orchestrator", self.run_id)
            await self._fail_for_good(item, error)
        if isinstance(item, Received):
            await self._forget(item)

    async def _respond(self, item: Item) -> None:
        match item:
            case Received():
                await self._handle_frame(item.frame)
            case TimeIsUp():
                await self._handle_deadline()
            case Change(run_id=run_id) if run_id == self.run_id:
                if self._run.is_news(item):
                    await self._effects.look()
            case Change(run_id=child_id):
                if item.status in TERMINAL:
                    self._children.answer(child_id)
            case Broken(error=error):
                raise error
            case None:
                await self._effects.look()
                await self._children.answer_all()
            case Exited():
                raise AssertionError("the loop ends with it")

    async def _handle_deadline(self) -> None:
        if self._termination.is_due:
            await self._termination.kill()
            return
        try:
            await self._effects.change(ev.DeadlinePassed())
        except UNAVAILABLE:
            await self._termination.stop()  # its time is over, whether or not the store can be told
            raise

    async def _fail_for_good(self, item: Item, error: Exception) -> None:
        what = f"what the task sent ({item.frame.type})" if isinstance(item, Received) else "news of the run"
        message = f"the orchestrator could not handle {what}: {error!r}"
        await self._end_at_once(FailureClass.INFRA, message[: wire.MESSAGE_LIMIT_CHARS])

    async def _handle_last_frames(self) -> None:
        """An outcome sent just before the end counts, and what was asked before it; without one, nobody waits for an answer.

        The queue is complete once the stream was drained.
        """
        await self._outages.outlast(partial(self._context.channel.drain, self._container.channel_id))
        last = list(self._inbox.last_frames(self._context.channel.subscribe(self._container.channel_id)))
        has_outcome = any(isinstance(received.frame, wire.Result | wire.Error) for received in last)
        for received in last:
            if has_outcome or isinstance(received.frame, wire.Annotation | Violation):
                await self._outages.outlast(partial(self._handle, received))

    async def _record_exit(self, state: ContainerState | None) -> None:
        found = self._container.forensics
        if state is not None and found.measured.oom_kills:
            state = replace(state, oom_killed=True)
        was_dead = state is not None and state.ended_before(self._run.known.attempts[-1].started_at_ms)
        was_assigned = self._run.known.status is not Status.STARTING and not was_dead
        failure = self._container.verdict(state, was_assigned=was_assigned, was_alone=self._is_adopted)
        found = at_exit(found, state, failure)
        await self._effects.change(ev.ContainerExited(failure, state.exit_code if state else None, found))

    # --- frames -----------------------------------------------------------------------------------------------------

    async def _handle_frame(self, frame: Frame) -> None:
        match frame:
            case wire.Ready(load_ms=load_ms):
                self._container.note_ready(load_ms)
                await self._handle_ready()
            case wire.Child():
                await self._handle_child(frame)
            case wire.Waiting(waiting=waiting):
                await self._set_waiting(waiting)
            case wire.Annotation():
                await self._notes.keep(frame)
            case wire.Result(value=value, worked_ms=worked_ms, is_boxed=is_boxed):
                self._container.note_first_line(worked_ms, self._run.assigned_at_ms)
                await self._outcome.returned(is_boxed, json_of(value))
            case wire.Error(error=info, worked_ms=worked_ms):
                self._container.note_first_line(worked_ms, self._run.assigned_at_ms)
                child = await self._children.blamed(info.child)
                failure = Failure(FailureClass.ERROR, info.message, info.type, info.traceback, info.retryable, child)
                await self._outcome.failed(failure)
            case Violation(reason=reason):
                await self._handle_violation(reason)
            case wire.Tasks():
                log.warning("run %s announced tasks while running: ignored", self.run_id)

    async def _forget(self, received: Received) -> None:
        """Forget the frame; but the newest word on waiting stays, to be read again by whoever adopts the attempt."""
        handled: Received | None = received
        if isinstance(received.frame, wire.Waiting):
            handled, self._waiting = self._waiting, received
        if handled is not None and (handled is received or handled.entry != received.entry):
            await self._context.channel.settle(self._container.channel_id, handled)

    async def _handle_ready(self) -> None:
        if self._run.is_assigned:  # it asks again, for the first answer may be lost
            self._outbox.put("assign", self._effects.assign)
        else:
            await self._effects.change(ev.ShimReady(self._container.forensics))

    async def _handle_child(self, frame: wire.Child) -> None:
        try:
            await self._children.create(frame)
        except Insistent as insistent:
            await self._handle_violation(str(insistent))

    async def _handle_violation(self, reason: str) -> None:
        message = f"the container broke the rules of its channel, and was stopped: {reason}"
        await self._end_at_once(FailureClass.VIOLATION, message)

    async def _end_at_once(self, cls: FailureClass, message: str) -> None:
        """Fail the run for good, and kill its container."""
        await self._effects.change(ev.ErrorReported(Failure(cls, message, retryable=False), self._container.measured()))
        self._termination.kill_in(0)

    async def _set_waiting(self, waiting: bool) -> None:
        if waiting is self._is_waiting:
            return
        if waiting:
            await self._container.look_at_usage()
        self._is_waiting = waiting
        if waiting:
            self._on_release()
