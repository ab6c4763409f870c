"""A store, a channel and an engine that are only in memory and write down, in order, what they are asked to do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from orchestrator.channel.channel import Received
from orchestrator.channel.frames import parse
from orchestrator.core.container.forensics import Forensics, Measured
from orchestrator.core.container.spec import ContainerDefaults, ContainerSpec, ContainerState, Usage
from orchestrator.core.logs import LogLine
from orchestrator.core.runs.annotations import NOTHING_SAID, Annotations
from orchestrator.core.runs.events import CancelRequested, Event
from orchestrator.core.runs.lifecycle import Decision, decide
from orchestrator.core.runs.observer import NOBODY
from orchestrator.core.runs.run import Run
from orchestrator.core.scheduling.dispatch import QueuedRun
from orchestrator.core.tasks import TaskSpec, check
from orchestrator.core.workflow import Version, VersionStatus
from orchestrator.scheduler.attempt.inbox import Inboxes
from orchestrator.scheduler.attempt.supervisor import Supervisor
from orchestrator.scheduler.context import Context, Limits
from orchestrator.store.runs.feed import Change
from orchestrator.store.runs.queue import Head, Queue
from orchestrator.store.runs.store import Cascade, Disposition, RunStore
from tests.core.sample_runs import NOW_MS
from tests.wait import LIMIT_S

_DRAFT = check([{"name": "square"}])[0]
_TASK = TaskSpec("tsk-1", "square", _DRAFT.plan, _DRAFT.timeout_s, _DRAFT.retry, ())
_VERSION = Version("wfv-1", "wfl-1", 1, VersionStatus.READY, "sha256:1", "main.py", {}, (_TASK,), NOW_MS)


async def settled() -> None:
    """Everything that can go on has gone on: nothing here waits for the world."""
    for _ in range(50):
        await asyncio.sleep(0)


@dataclass
class RecordedFeed:
    listeners: list[Any] = field(default_factory=list)

    @contextmanager
    def listen(self, listener: Any) -> Any:
        self.listeners.append(listener)
        yield
        self.listeners.remove(listener)

    def tell(self, run: Run) -> None:
        for listener in self.listeners:
            listener(Change(run.id, run.status, run.parent_id))


class RecordedRuns(RunStore):
    """What decides is the real store's; what it sends is written down. Each change comes back over the feed at once."""

    def __init__(self, commands: list[str], feed: RecordedFeed) -> None:
        self._commands = commands
        self._feed = feed
        self._observer = NOBODY
        self.runs: dict[str, Run] = {}
        self.results: dict[str, str] = {}
        self.notes: dict[str, Forensics] = {}
        self.queue = cast(Queue, RecordedQueue(commands))

    def keep(self, run: Run) -> None:
        """Store it as somebody else would."""
        self.runs[run.id] = run
        self._feed.tell(run)

    async def create(
        self,
        run: Run,
        input_json: str,
        annotations: Annotations = NOTHING_SAID,
        *,
        idempotency_key: str = "",
        parent_fence: int = 0,
        workflow_digest: str | None = None,
        tree_limit_bytes: int | None = None,
    ) -> tuple[Disposition, str]:
        self._commands.append("store.create")
        self.keep(run)
        return Disposition.CREATED, run.id

    async def apply(self, before: Run, decision: Decision, *, result_json: str | None = None) -> bool:
        run, now = decision.run, self.runs[before.id]
        self._commands.append(f"store.apply {before.status} to {run.status}")
        if (now.status, now.attempt, now.fence) != (before.status, before.attempt, before.fence):
            return False
        self.keep(run)
        return True

    async def left(self, run: Run, attempt: int, found: Forensics) -> None:
        self._commands.append("store.left")
        self.notes[run.id] = found

    async def get(self, run_id: str) -> Run:
        self._commands.append("store.get")
        return self.runs[run_id]

    async def get_input(self, run_id: str) -> str:
        self._commands.append("store.get_input")
        return "[7]"

    async def get_outcome(self, run_id: str) -> tuple[Run, str | None]:
        self._commands.append("store.get_outcome")
        return self.runs[run_id], self.results.get(run_id)

    async def children(self, run_id: str, attempt: int | None = None) -> dict[int, str]:
        self._commands.append("store.children")
        calls = [(run.call.number, run.id) for run in self.runs.values() if run.call and run.call.parent_id == run_id]
        return dict(calls)

    async def cascades_done(self, cascades: Sequence[Cascade]) -> None:
        self._commands.append("store.cascades_done")

    async def next_due_ms(self) -> int | None:
        self._commands.append("store.next_due_ms")
        return None


@dataclass
class RecordedQueue:
    commands: list[str]
    waiting: list[QueuedRun] = field(default_factory=list)

    async def head(self, count: int, holding: frozenset[str]) -> Head:
        self.commands.append("store.queue.head")
        return Head(list(self.waiting))

    async def say_why(self, why: str) -> None:
        """These are but words for people."""


@dataclass
class RecordedChannel:
    commands: list[str]
    sent: list[dict[str, Any]] = field(default_factory=list)
    frames: asyncio.Queue[Received] = field(default_factory=asyncio.Queue)

    def subscribe(self, channel_id: str) -> asyncio.Queue[Received]:
        return self.frames

    async def open(self, channel_id: str) -> Mapping[str, str]:
        self.commands.append("channel.open")
        return {}

    async def settle(self, channel_id: str, received: Received) -> None:
        self.commands.append(f"channel.settle {received.frame.type}")

    async def drain(self, channel_id: str) -> None:
        self.commands.append("channel.drain")

    async def send(self, channel_id: str, frame: Mapping[str, object], **texts: str) -> None:
        self.commands.append(f"channel.send {frame['type']}")
        self.sent.append({**frame, **texts})

    async def room(self, channel_id: str) -> None:
        """Whatever it is told, it has read."""

    async def close(self, channel_id: str) -> None:
        self.commands.append("channel.close")


@dataclass
class RecordedEngine:
    commands: list[str]
    end: asyncio.Future[ContainerState] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    breaks_when_canceled: bool = False

    async def create(self, spec: ContainerSpec) -> str:
        self.commands.append("engine.create")
        return "c1"

    async def start(self, container_id: str) -> None:
        self.commands.append("engine.start")

    async def signal(self, container_id: str, name: str) -> None:
        self.commands.append(f"engine.signal {name}")

    async def remove(self, container_id: str) -> None:
        self.commands.append("engine.remove")

    async def wait(self, container_id: str) -> ContainerState:
        try:
            return await asyncio.shield(self.end)
        except asyncio.CancelledError:
            if self.breaks_when_canceled:
                raise RuntimeError("broken on the way out") from None
            raise

    async def usage(self, container_id: str) -> Usage:
        return Usage()

    def measure(self, container_id: str) -> Measured:
        return Measured()

    def shortages(self) -> int:
        return 0

    async def logs(
        self, container_id: str, *, since_ns: int = 0, follow: bool
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        await asyncio.shield(self.end)
        yield [LogLine(1, "stdout", "one"), LogLine(2, "stdout", "two")]


@dataclass
class RecordedLog:
    """Apart from the commands: it is written beside them, whenever something is printed."""

    commands: list[str] = field(default_factory=list)

    def writer(self, key: str, tree: object) -> RecordedLog:
        return self

    async def resume(self) -> int:
        self.commands.append("resume")
        return 0

    async def append(self, lines: Sequence[LogLine]) -> None:
        self.commands.append(f"append {len(lines)} lines")

    async def end(self) -> None:
        self.commands.append("end")


class _Workflows:
    async def version(self, version_id: str) -> Version:
        return _VERSION


class Stage:
    """What a test of the supervisor works with; `now_ms` is its clock."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.now_ms = NOW_MS
        self.feed = RecordedFeed()
        self.runs = RecordedRuns(self.commands, self.feed)
        self.channel = RecordedChannel(self.commands)
        self.engine = RecordedEngine(self.commands)
        self.log = RecordedLog()
        self.context = Context(
            instance="test",
            runs=self.runs,
            workflows=cast(Any, _Workflows()),
            logs=cast(Any, self.log),
            feed=cast(Any, self.feed),
            channel=cast(Any, self.channel),
            engine=cast(Any, self.engine),
            containers=ContainerDefaults("none", (), ("shim",), "/app"),
            limits=Limits(),
            now_ms=lambda: self.now_ms,
        )
        self._task: asyncio.Task[None] | None = None
        self._entries = 0

    async def supervise(self, run: Run, adopted: ContainerState | None = None) -> list[str]:
        """Begin to look after the claimed run's attempt; what this sends."""
        self.runs.runs[run.id] = run
        self._task = asyncio.get_running_loop().create_task(self._supervise(run, adopted), name="supervisor")
        return await self.sent()

    async def _supervise(self, run: Run, adopted: ContainerState | None) -> None:
        inboxes = Inboxes()
        with self.feed.listen(inboxes.notice), inboxes.open(run.id) as inbox:
            await Supervisor(self.context, run, inbox, adopted=adopted, on_release=lambda: None).run()

    async def sent(self) -> list[str]:
        """What was sent since the last time this was asked."""
        await settled()
        commands = list(self.commands)
        self.commands.clear()
        return commands

    async def hears(self, **frame: object) -> list[str]:
        """The container says so; what this sends."""
        self._entries += 1
        self.channel.frames.put_nowait(Received(f"{self._entries}-0", parse(json.dumps(frame))))
        return await self.sent()

    async def happens(self, run_id: str, *events: Event, result_json: str | None = None) -> list[str]:
        """Others change the run; what this sends."""
        if result_json is not None:
            self.runs.results[run_id] = result_json
        for event in events:
            self.runs.keep(decide(self.runs.runs[run_id], event, now_ms=self.now_ms).run)
        return await self.sent()

    async def cancels(self, run_id: str) -> list[str]:
        """The API cancels the run; what this sends."""
        return await self.happens(run_id, CancelRequested("asked"))

    async def stops(self) -> None:
        """The orchestrator ends; the container goes on."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def exits(self, code: int = 0) -> list[str]:
        """The container ends; what this sends until nothing of the attempt is left."""
        assert self._task is not None
        self.engine.end.set_result(ContainerState("c1", started_at_ms=1, exit_code=code))
        async with asyncio.timeout(LIMIT_S):
            await self._task
        return await self.sent()
