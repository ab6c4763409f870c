"""What runs cost the store: commands sent to it, commands it executed (those in scripts included) and bytes, without Docker.

The engine is the fake one, for a container costs the store nothing; store, channel and scheduler are the real ones.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from redis.asyncio import UnixDomainSocketConnection

from bench import fake_shim
from orchestrator.channel import shared as channels
from orchestrator.channel.shared import SharedChannel
from orchestrator.core.container.spec import ContainerDefaults
from orchestrator.core.plans import GIB
from orchestrator.core.runs.submission import root_run
from orchestrator.core.scheduling.capacity import Amount
from orchestrator.core.tasks import check
from orchestrator.core.workflow import Source, Version
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.host.clock import SteadyClock
from orchestrator.redis import client as clients
from orchestrator.redis.server import channel_server, store_server
from orchestrator.scheduler.context import Context, Limits
from orchestrator.scheduler.dispatcher import Dispatcher
from orchestrator.store import ids
from orchestrator.store.connection import connect_binary
from orchestrator.store.env_cipher import EnvCipher
from orchestrator.store.logs import LogStore
from orchestrator.store.runs.feed import Feed
from orchestrator.store.runs.store import RunStore
from orchestrator.store.workflows.store import WorkflowStore

ROUNDS: Final = 10
CHILDREN: Final = 4
_INSTANCE: Final = "bench"
_READS: Final = frozenset({"HGET", "HMGET", "HGETALL"})
"""What reads a run."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run: `sent` are the store's commands by name, `executed` counts those in scripts, too."""

    sent: Counter[str]
    executed: float
    received_bytes: float
    answered_bytes: float

    @property
    def commands(self) -> int:
        """How many were sent."""
        return self.sent.total()

    @property
    def reads(self) -> int:
        """How many of them read a run or its children."""
        return sum(self.sent[name] for name in _READS)


def measure() -> tuple[Cost, Cost, Cost]:
    """A no-op run, a parent without children, and one with `CHILDREN`: each with its children, the cheapest of `ROUNDS`.

    The cheapest, because a timer of the scheduler's own may fall into any.
    """
    return asyncio.run(_measure())


async def _measure() -> tuple[Cost, Cost, Cost]:
    async with _instance() as instance:
        return (
            await instance.cheapest("noop", "[]"),
            await instance.cheapest("parent", "[0]"),
            await instance.cheapest("parent", f"[{CHILDREN}]"),
        )


class _Counted(UnixDomainSocketConnection):
    """A connection that counts what is sent."""

    sent: Counter[str] = Counter()  # noqa: RUF012  # of all connections

    def pack_command(self, *args: Any) -> Any:
        self.sent[args[0]] += 1
        return super().pack_command(*args)

    def pack_commands(self, commands: Any) -> Any:
        listed = list(commands)
        self.sent.update(command[0] for command in listed)
        return super().pack_commands(listed)


@dataclass(slots=True)
class _Instance:
    context: Context
    dispatcher: Dispatcher
    version: Version
    observer: Any

    async def cheapest(self, task: str, input_json: str) -> Cost:
        costs = [await self._cost(task, input_json) for _ in range(ROUNDS)]
        return min(costs, key=lambda cost: cost.commands)

    async def _cost(self, task: str, input_json: str) -> Cost:
        spec = self.version.task(task)
        assert spec is not None
        now_ms = self.context.now_ms()
        run = root_run(ids.new_id(ids.RUN, now_ms), self.version, spec, now_ms=now_ms)
        before = await self._stats()
        _Counted.sent.clear()
        ended = asyncio.Event()

        def notice(change: Any) -> None:
            if change is not None and change.run_id == run.id and change.status == "completed":
                ended.set()

        with self.context.feed.listen(notice):
            await self.context.runs.create(run, input_json)
            await ended.wait()
        while len(self.dispatcher.supervisors):  # noqa: ASYNC110  # nothing tells, for nothing else waits for it
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)  # for what the end of the last one set off
        sent = _Counted.sent.copy()
        after = await self._stats()
        executed, received, answered = (new - old for new, old in zip(after, before, strict=True))
        return Cost(sent, executed, received, answered)

    async def _stats(self) -> Sequence[int]:
        stats = await self.observer.info("stats")
        return [stats[name] for name in ("total_commands_processed", "total_net_input_bytes", "total_net_output_bytes")]


@asynccontextmanager
async def _instance() -> AsyncIterator[_Instance]:
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="orchestrator-bench-")))
        servers = (
            store_server(home / "store", "bench", fsync="everysec"),
            channel_server(home / "channel", "bench"),
        )
        for server in servers:
            await server.start()
            stack.push_async_callback(server.stop)
        store, binary, observer, channel = (
            clients.connect(servers[0].url),
            connect_binary(servers[0].url),
            clients.connect(servers[0].url),
            channels.connect(servers[1].url),
        )
        for client in (store, binary, observer, channel):
            stack.push_async_callback(client.aclose)
        store.connection_pool.connection_class = _Counted
        engine = FakeEngine(_INSTANCE, {fake_shim.IMAGE: fake_shim.program})
        stack.push_async_callback(engine.close)
        context = _context(store, binary, SharedChannel(channel, b"bench", f"unix://{servers[1].socket}"), engine)
        dispatcher = await stack.enter_async_context(_scheduling(context))
        yield _Instance(context, dispatcher, await _deploy(context), observer)


@asynccontextmanager
async def _scheduling(context: Context) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(context, Amount(8_000, 16 * GIB))
    parts = (context.feed.run(), context.channel.run(), dispatcher.supervisors.run(), dispatcher.run())
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part, name="bench") for part in parts]
        await context.feed.is_connected.wait()
        yield dispatcher
        for task in tasks:
            task.cancel()


def _context(store: Any, binary: Any, channel: SharedChannel, engine: FakeEngine) -> Context:
    return Context(
        instance=_INSTANCE,
        runs=RunStore(store),
        workflows=WorkflowStore(store, binary, EnvCipher(EnvCipher.new_key())),
        logs=LogStore(store),
        feed=Feed(store),
        channel=channel,
        engine=engine,
        containers=ContainerDefaults("none", (), ("shim",), "/app"),
        limits=Limits(),
        now_ms=SteadyClock(not_before_ms=0).now_ms,
    )


async def _deploy(context: Context) -> Version:
    now_ms = context.now_ms()
    _, version = await context.workflows.deploy("bench", Source("/"), "main.py", {}, b"", now_ms=now_ms)
    drafts = check([{"name": name, "options": {"plan": "starter"}} for name in ("noop", "parent")])
    built = replace(version, image=fake_shim.IMAGE, entry_point="main.py")
    return await context.workflows.release(built, drafts, now_ms=now_ms)


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """For the table of ``make bench``."""
    noop, childless, parent = measure()
    yield (
        "store commands of a no-op run",
        str(noop.commands),
        f"{noop.executed:.0f} with those in scripts; {noop.received_bytes:,.0f} bytes in, {noop.answered_bytes:,.0f} out",
        "",
        "≤ 22",
    )
    yield (
        "… of each further child",
        f"{(parent.commands - childless.commands) / CHILDREN:.1f}",
        f"{(parent.received_bytes - childless.received_bytes) / CHILDREN:,.0f} bytes in, "
        f"{(parent.answered_bytes - childless.answered_bytes) / CHILDREN:,.0f} out, "
        f"with an input of {fake_shim.CHILD_INPUT_BYTES:,}",
        "",
        "",
    )
    yield ("reads of each further child", f"{(parent.reads - childless.reads) / CHILDREN:.1f}", "", "", "≤ 3")


if __name__ == "__main__":
    for row in rows():
        print(*row, sep=" | ")
