"""An instance on the fake engine: real store, real channel, and tasks that are functions of the test."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.channel.channel import Channel
from orchestrator.channel.lines.line_channel import LineChannel
from orchestrator.core.container.spec import ContainerDefaults
from orchestrator.core.plans import GIB
from orchestrator.core.runs.run import Run, Status
from orchestrator.core.runs.submission import RunLimits, root_run
from orchestrator.core.scheduling.capacity import UNBOUNDED, Amount
from orchestrator.core.tasks import check
from orchestrator.core.workflow import Source, Version
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.engine.fake.process import Program
from orchestrator.scheduler.context import Context, Limits
from orchestrator.scheduler.dispatcher import DEFAULT_POLICY, Dispatcher, DispatchPolicy
from orchestrator.scheduler.reconciler import Reconciler
from orchestrator.scheduler.task_usage import TaskUsage
from orchestrator.store import ids
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.logs import LogStore
from orchestrator.store.runs.feed import Feed
from orchestrator.store.runs.listing import RunListing
from orchestrator.store.runs.store import RunStore, Stored
from orchestrator.store.task_usage import TaskUsageStore
from orchestrator.store.workflows.store import WorkflowStore
from tests.env_cipher import CIPHER
from tests.scheduler.shim_program import Function, shim_program
from tests.scheduler.warm import LIMITS, where
from tests.wait import LIMIT_S, wait_until

IMAGE = "sha256:fake"
NO_LIMIT = RunLimits()
QUICK = {"plan": "starter", "retry": {"max_retries": 1, "wait_duration_ms": 20}}


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Instance:
    """What a test works with; `start` begins to schedule, `crash` ends that as a killed process would."""

    context: Context
    store: Client
    new_channel: Callable[[], Channel]
    engine: FakeEngine
    programs: dict[str, Program]
    capacity: Amount
    free_disk_bytes: int = UNBOUNDED
    policy: DispatchPolicy = DEFAULT_POLICY
    version: Version | None = None
    dispatcher: Dispatcher | None = None
    _task: asyncio.Task[None] | None = None

    async def register(
        self, functions: Mapping[str, Function], definitions: Mapping[str, Mapping[str, Any]] = {}, **options: Any
    ) -> None:
        """Make the functions the tasks of a ready version; `options` are those of every task, `definitions` add to some."""
        self.programs[IMAGE] = shim_program(functions)
        drafts = check(
            [{"name": name, "options": {**QUICK, **options}, **definitions.get(name, {})} for name in functions]
        )
        _, version = await self.context.workflows.deploy("w", Source("/"), "main.py", {}, b"", now_ms=now_ms())
        version = Version(
            **{
                field: getattr(version, field)
                for field in ("id", "workflow_id", "number", "status", "env", "created_at_ms")
            },
            image=IMAGE,
            entry_point="main.py",
            tasks=(),
        )
        self.version = await self.context.workflows.release(version, drafts, now_ms=now_ms())

    async def start(self) -> None:
        ready = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run(ready), name="instance")
        await asyncio.wait_for(ready.wait(), LIMIT_S)

    async def crash(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self, ready: asyncio.Event) -> None:
        context = self.context = replace(
            self.context,
            feed=Feed(self.store),
            channel=self.new_channel(),
            usage=TaskUsage(TaskUsageStore(self.store)),
        )
        self.dispatcher = Dispatcher(context, self.capacity, lambda: self.free_disk_bytes, self.policy)
        reconciler = Reconciler(context, self.dispatcher.supervisors, self.dispatcher.pool)
        async with asyncio.TaskGroup() as group:
            group.create_task(context.feed.run())
            group.create_task(context.channel.run())
            group.create_task(self.dispatcher.supervisors.run())
            await context.feed.is_connected.wait()
            await reconciler.sweep(is_first=True)
            group.create_task(self.dispatcher.run())
            group.create_task(self.dispatcher.pool.run())
            group.create_task(reconciler.run())
            ready.set()

    @property
    def listing(self) -> RunListing:
        return RunListing(self.store, self.context.runs)

    async def submit(
        self, task: str, *arguments: object, limits: RunLimits = NO_LIMIT, traceparent: str | None = None
    ) -> str:
        assert self.version is not None
        spec = self.version.task(task)
        assert spec is not None
        run = root_run(
            ids.new_id(ids.RUN, now_ms()), self.version, spec, now_ms=now_ms(), limits=limits, traceparent=traceparent
        )
        await self.context.runs.create(run, json.dumps(arguments))
        return run.id

    async def ended(self, run_id: str) -> Stored:
        """The run, once it is terminal."""

        async def is_terminal() -> bool:
            return (await self.context.runs.get(run_id)).is_terminal

        await wait_until(is_terminal, f"the end of run {run_id}")
        return await self.context.runs.get_stored(run_id)

    async def in_status(self, run_id: str, status: Status) -> Run:
        async def is_there() -> bool:
            return (await self.context.runs.get(run_id)).status is status

        await wait_until(is_there, f"run {run_id} to be {status}")
        return await self.context.runs.get(run_id)

    async def idle(self) -> None:
        """Wait until nothing of any attempt is left."""

        async def is_idle() -> bool:
            warm = self.dispatcher.pool.channel_ids() if self.dispatcher else frozenset()
            left = [state for state in await self.engine.list() if state.channel_id not in warm]
            return not left and (self.dispatcher is None or not len(self.dispatcher.supervisors))

        await wait_until(is_idle, "all containers to be gone")


@pytest.fixture
def new_channel(home: Path) -> Callable[[], Channel]:
    """Makes the channel as a process that has just started knows it."""
    return lambda: LineChannel(home / "lines", b"secret", is_mounted=False)


@pytest.fixture
async def idle_instance(
    store: Client,
    new_channel: Callable[[], Channel],
    redis_servers: tuple[str, str],
    fake_engine: FakeEngine,
    programs: dict[str, Program],
    instance: str,
) -> AsyncIterator[Instance]:
    """An instance that does not schedule yet."""
    binary = connect_binary(redis_servers[0])
    context = Context(
        instance=instance,
        runs=RunStore(store),
        workflows=WorkflowStore(store, binary, CIPHER),
        logs=LogStore(store),
        feed=Feed(store),
        channel=new_channel(),
        engine=fake_engine,
        containers=ContainerDefaults("none", (), ("shim",), "/app"),
        limits=Limits(start_timeout_s=5, grace_s=0.3, exit_timeout_s=1, kill_interval_s=0.3, sweep_s=0.3),
        now_ms=now_ms,
    )
    made = Instance(context, store, new_channel, fake_engine, programs, Amount(8_000, 16 * GIB))
    yield made
    try:
        await made.idle()
    finally:
        await made.crash()
    await binary.aclose()


@pytest.fixture
async def fake_instance(idle_instance: Instance) -> Instance:
    """An instance that schedules."""
    await idle_instance.start()
    return idle_instance


@pytest.fixture
async def warm_instance(idle_instance: Instance) -> Instance:
    """An instance that starts containers ahead, with one task."""
    idle_instance.policy = DispatchPolicy(pool=LIMITS)
    await idle_instance.register({"where": where})
    await idle_instance.start()
    return idle_instance
