"""One attempt's container: made, watched, stopped, and really gone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from orchestrator.core.container.exits import verdict
from orchestrator.core.container.forensics import Forensics, Measured, first_line_at_ms
from orchestrator.core.container.network import NOWHERE
from orchestrator.core.container.spec import (
    LABEL_ROLE,
    PIDS_LIMIT,
    ContainerIdentity,
    ContainerState,
    Role,
    Usage,
    compile_spec,
)
from orchestrator.core.plans import PLANS
from orchestrator.core.runs.run import Failure, Run
from orchestrator.core.scheduling.capacity import Holder
from orchestrator.core.workflow import Version
from orchestrator.engine.base import EngineError, EngineUnavailable
from orchestrator.host.retrying import persist
from orchestrator.scheduler.attempt.log_pump import LogPump
from orchestrator.scheduler.context import Context
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.logs import Tree
from orchestrator_runtime import wire

log = logging.getLogger(__name__)

_LOG_DRAIN_S: Final = 60.0
_RETRY_S: Final = 0.5
_SAMPLE_S: Final = 1.0
_LOG_HEAD_START_S: Final = 0.5
"""What ended so soon after its code was loaded is asked for its log once; to follow it costs three times as much."""
_LOADING_S: Final = 2.0
"""For so long it may load its code before its log is followed: of twenty that start at once, each takes a second."""
_AT_ITS_CAP: Final = 0.95
"""Who was seen to use so much of its plan ended at that."""


def run_environment(version: Version, channel: Mapping[str, str]) -> dict[str, str]:
    """The variables of a container that is to run a task of the version, with those that name its channel."""
    return {**version.env, **channel, wire.ENV_ENTRY_POINT: version.entry_point, wire.ENV_MODE: "run"}


class AttemptContainer:
    """The container of `run`'s current attempt; `adopted` is the one that exists already, `is_warm` if it is new to a run."""

    def __init__(
        self, context: Context, run: Run, adopted: ContainerState | None = None, *, is_warm: bool = False
    ) -> None:
        self._context = context
        self._run = run
        self._adopted = adopted
        self._is_fresh = is_warm
        self._is_new = adopted is None or is_warm
        self.is_warm = adopted is not None and adopted.labels.get(LABEL_ROLE) == Role.WARM
        self.channel_id = adopted.channel_id if adopted else run.attempts[-1].channel_id
        self.id = adopted.id if adopted else ""
        self.used = Usage()
        """What its processes used when that was last looked at."""
        self._cpu_millis = 0
        self._pump: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._loaded = asyncio.Event()
        self._shortages = context.engine.shortages()
        """Of all containers together, when this one was last seen with nothing of it killed for memory."""
        before = run.attempts[-1].forensics
        self.forensics = replace(
            before,
            image=(adopted.image if adopted else None) or before.image,
            memory_limit_bytes=PLANS[run.plan].memory_bytes,
            created_at_ms=before.created_at_ms or (adopted.created_at_ms if adopted else None),
            container_started_at_ms=before.container_started_at_ms or (adopted.started_at_ms if adopted else None),
            is_warm=self.is_warm,
        )

    async def prepare(self) -> None:
        """Create its channel, and learn what it is made of; frames can be awaited from now on. Safe to repeat."""
        if self._is_fresh:
            return  # its channel is open since it was started
        self._environment = await self._context.channel.open(self.channel_id)
        if self._adopted is None:
            self._version = await self._context.workflows.version(self._run.version_id)

    async def start(self) -> None:
        """Create and start it, unless that was done before. Raises EngineError, LeaseLost."""
        if self._adopted is None:
            version, plan = self._version, PLANS[self._run.plan]
            env, task = run_environment(version, self._environment), version.task_of(self._run.task_id)
            reach = task.network if task else NOWHERE
            spec = compile_spec(self._identity(), version.image, plan, env, self._context.containers, reach)
            self._context.check_lease()
            self.id = await self._context.engine.create(spec)
            self.note(image=version.image, created_at_ms=self._context.now_ms())
        if self._adopted is None or self._adopted.started_at_ms is None:
            await self._context.engine.start(self.id)
            self.note(container_started_at_ms=self._context.now_ms())

    def _identity(self) -> ContainerIdentity:
        return ContainerIdentity(
            instance=self._context.instance,
            role=Role.ATTEMPT,
            channel_id=self.channel_id,
            run_id=self._run.id,
            attempt=self._run.attempt,
            fence=self._run.fence,
        )

    def pump_logs(self, group: asyncio.TaskGroup) -> None:
        """Begin to copy what it prints."""
        if self._adopted is not None:
            self._loaded.set()
        tree = Tree(keys.run(self._run.root_id), self._context.limits.tree_bytes)
        writer = self._context.logs.writer(keys.run_logs(self._run.id, self._run.attempt), tree)
        pump = LogPump(self._context.engine, writer, self.id, self._ended.is_set, is_new=self._is_new)
        self._pump = group.create_task(self._pumped(pump), name=f"log of {self._run.id}")

    async def _pumped(self, pump: LogPump) -> None:
        await _until(self._loaded, _LOADING_S)
        await _until(self._ended, _LOG_HEAD_START_S)
        await pump.run()

    async def watch(self, report: Callable[[ContainerState | None], None]) -> None:
        """Call `report` once, when it has ended or is gone."""

        def interrupted(error: Exception) -> None:
            log.warning("watching container %s: %s", self.id[:12], error)

        engine = self._context.engine
        ended = await persist(lambda: engine.wait(self.id), despite=EngineError, wait_s=_RETRY_S, report=interrupted)
        self._ended.set()
        self._loaded.set()
        report(ended)

    async def after_failed_start(self, error: EngineError) -> ContainerState:
        """What became of a container that did not start: the engine knows whether its command is to blame."""
        with contextlib.suppress(EngineError):
            state = await self._context.engine.inspect(self.id) if self.id else None
            if state is not None and state.cannot_run:
                return state
        return ContainerState(id="", error=str(error))

    def note(self, **known: str | int) -> None:
        """Keep what became known of it."""
        self.forensics = replace(self.forensics, **known)  # type: ignore[arg-type]

    def note_ready(self, claimed_load_ms: float) -> None:
        """It has loaded the user's code; how long that took is its own word, and believed as far as it has lived."""
        self._loaded.set()
        now_ms = self._context.now_ms()
        began_at_ms = self.forensics.created_at_ms or self.forensics.container_started_at_ms
        lived_ms = max(0, now_ms - began_at_ms) if began_at_ms is not None else 0
        self.note(ready_at_ms=now_ms, load_ms=round(min(max(claimed_load_ms, 0), lived_ms)))

    def note_first_line(self, worked_ms: float | None, assigned_at_ms: int | None) -> None:
        """The task was entered, so long before its outcome arrived, which is now."""
        if (at_ms := first_line_at_ms(worked_ms, assigned_at_ms, self._context.now_ms())) is not None:
            self.note(first_line_at_ms=at_ms)

    def measure(self) -> None:
        """Keep what the kernel counts for it now; what was counted before stays when it has ended."""
        newest, before = self._context.engine.measure(self.id), self.forensics.measured
        if newest != Measured():
            if not newest.oom_kills:
                self._shortages = self._context.engine.shortages()
            peak = max(newest.peak_memory_bytes or 0, before.peak_memory_bytes or 0) or None
            self.forensics = replace(self.forensics, measured=replace(newest, peak_memory_bytes=peak))

    def measured(self) -> Forensics:
        """All that is known now, while it waits for its answer and can still be measured."""
        self.measure()
        return self.forensics

    @property
    def _peak_bytes(self) -> int:
        """The most it was seen to use."""
        return self.forensics.measured.peak_memory_bytes or 0

    def holder(self, run: Run, *, is_waiting: bool) -> Holder:
        """What it holds of the host: what its task needs, and no less memory than it used; what it uses now while it waits."""
        need = self._context.usage.need(run)
        if need.memory_bytes is not None:
            need = need._replace(memory_bytes=max(need.memory_bytes, self._peak_bytes))
        return Holder(
            run.plan,
            is_waiting,
            self.used if is_waiting else Usage(),
            need,
            run.root_id,
            run.workflow_id,
            is_starting=self.forensics.container_started_at_ms is None,
        )

    def verdict(self, state: ContainerState | None, *, was_assigned: bool, was_alone: bool) -> Failure:
        """Why the attempt failed, should it have no outcome; `state` is None when the container is gone."""
        is_below_its_cap = self._peak_bytes < _AT_ITS_CAP * PLANS[self._run.plan].memory_bytes
        return verdict(
            state,
            self._run.plan,
            died_waiting=self.is_warm and not was_assigned,
            was_alone=was_alone,
            others_ran_short=is_below_its_cap and self._context.engine.shortages() > self._shortages,
        )

    async def sample(self, is_waiting: Callable[[], bool]) -> None:
        """Measure it again and again: what dies without a word can no longer be measured, and who says it waits may work."""
        while True:
            await asyncio.sleep(_SAMPLE_S)
            before_ms = self.forensics.measured.cpu_ms
            self.measure()
            now_ms = self.forensics.measured.cpu_ms
            if before_ms is not None and now_ms is not None:
                self._cpu_millis = round((now_ms - before_ms) / _SAMPLE_S)
            if is_waiting():
                await self.look_at_usage()

    async def signal(self, name: str) -> None:
        """Send a signal, if there is anything to send it to."""
        if self.id:
            await self._context.engine.signal(self.id, name)

    async def look_at_usage(self) -> None:
        """See what its processes use now; all they may when the engine cannot say."""
        try:
            used = await self._context.engine.usage(self.id)
        except EngineError:
            used = Usage(PLANS[self._run.plan].memory_bytes, PIDS_LIMIT)
        self.used = replace(used, cpu_millis=min(self._cpu_millis, PLANS[self._run.plan].cpu_millis))

    async def drain_logs(self) -> None:
        """Wait until all it printed is stored."""
        if self._pump is not None:
            done, _ = await asyncio.wait([self._pump], timeout=_LOG_DRAIN_S)
            if not done:
                log.warning("the log of run %s is still incomplete after %s s", self._run.id, _LOG_DRAIN_S)
                self._pump.cancel()

    async def remove(self) -> None:
        """Make it and its channel disappear, however long the engine is away; a sweep closes a channel that is away."""
        if self.id:
            engine = self._context.engine
            await persist(lambda: engine.remove(self.id), despite=EngineUnavailable, wait_s=_RETRY_S)
        with contextlib.suppress(*UNAVAILABLE):
            await self._context.channel.close(self.channel_id)


async def _until(event: asyncio.Event, limit_s: float) -> None:
    """Wait for it, and no longer than that."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await event.wait()
