"""Whether the control plane stays flat: a whole orchestrator with the fake engine, run after run.

``python -m bench.flat [--runs 1000000] [--queued 100000]`` lets so many runs finish, then the queue grow to so many, and prints at
each step what a run costs: CPU of the orchestrator (the fake containers are in its process, and cost the same at each step), CPU of
the store's Redis, its commands, and what both hold. ``make bench`` does the same with fewer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench import fake_shim
from orchestrator.app.composition import running
from orchestrator.app.data_dir import DataDir
from orchestrator.app.env_key import env_cipher
from orchestrator.app.instance import Running
from orchestrator.app.settings import Settings
from orchestrator.core.runs.submission import root_run
from orchestrator.core.tasks import check
from orchestrator.core.workflow import Source, Version
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.host import processes
from orchestrator.redis.client import connect
from orchestrator.redis.server import own_servers
from orchestrator.store import ids, keys
from orchestrator.store.connection import connect_binary
from orchestrator.store.workflows.store import WorkflowStore

RUNS: Final = 20_000
QUEUED: Final = 10_000
KEPT: Final = 10_000
AT_EACH_DEPTH: Final = 500
"""Runs that finish while so many are queued."""
_FIRST: Final = 1_000
_WARM_UP: Final = 500
_SHALLOW: Final = 10
_FACTORS: Final = (1, 2, 5)
_CREATORS: Final = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What was used since the start, and what is held now."""

    cpu_s: float
    store_cpu_s: float
    commands: int
    resident_bytes: int
    store_bytes: int


@dataclass(frozen=True, slots=True)
class Step:
    """The runs between two readings, at so many finished and so many queued before them."""

    finished: int
    queued: int
    runs: int
    begin: Reading
    end: Reading
    elapsed_s: float

    @property
    def cpu_ms(self) -> float:
        """Of the orchestrator and its fake containers, for each run."""
        return (self.end.cpu_s - self.begin.cpu_s) / self.runs * 1000

    @property
    def store_cpu_ms(self) -> float:
        """Of the store's Redis, for each run."""
        return (self.end.store_cpu_s - self.begin.store_cpu_s) / self.runs * 1000

    @property
    def commands(self) -> float:
        """Executed by the store for each run, those in scripts included."""
        return (self.end.commands - self.begin.commands) / self.runs

    def __str__(self) -> str:
        """A line for people."""
        return (
            f"{self.finished:>9,} finished  {self.queued:>7,} queued  {self.cpu_ms:5.2f} ms CPU  "
            f"{self.store_cpu_ms:5.3f} ms CPU of Redis  {self.commands:6.1f} commands  "
            f"{_mib(self.end.resident_bytes)}  Redis {_mib(self.end.store_bytes)}  {self.runs / self.elapsed_s:4.0f} runs/s"
        )


def steps(first: int, last: int, factors: Sequence[int] = _FACTORS) -> Iterator[int]:
    """1, 2, 5, 10, 20 … times `first`, up to `last`, which is always the end; nothing where `last` is 0."""
    scale = first
    while scale < last:
        yield from (scale * factor for factor in factors if scale * factor < last)
        scale *= 10
    if last:
        yield last


async def measure(runs: int, queued: int, show: Callable[[Step], None]) -> list[Step]:
    """All steps: first `runs` finish with a short queue, then the queue grows to `queued`."""
    async with _load() as load:
        await load.let_finish(_WARM_UP, queued=_SHALLOW)
        taken = []
        for finished in steps(_FIRST, runs):
            taken.append(await load.step(finished - load.finished, queued=_SHALLOW))
            show(taken[-1])
        for depth in steps(_SHALLOW, queued, factors=(1,)):
            taken.append(await load.step(AT_EACH_DEPTH, queued=depth))
            show(taken[-1])
        return taken


class _Load:
    """Creates runs as others end, so that always as many are queued."""

    def __init__(self, instance: Running, version: Version, store: Any) -> None:
        self._context = instance.context
        self._version = version
        self._store = store
        self._created = 0
        self.finished = 0
        self._changed = asyncio.Event()

    def notice(self, change: Any) -> None:
        """A run changed."""
        if change is not None and change.status == "completed":
            self.finished += 1
            self._changed.set()

    async def step(self, count: int, *, queued: int) -> Step:
        """Let so many finish."""
        await self._fill(queued)
        finished, begin, began_s = self.finished, await self._read(), time.monotonic()
        await self.let_finish(count, queued=queued)
        done, elapsed_s = self.finished - finished, time.monotonic() - began_s
        return Step(self.finished, queued, done, begin, await self._read(), elapsed_s)

    async def let_finish(self, count: int, *, queued: int) -> None:
        goal = self.finished + count
        while self.finished < goal:
            self._changed.clear()  # before: while the queue is filled all of it may finish
            await self._fill(queued)
            await self._changed.wait()

    async def _fill(self, queued: int) -> None:
        missing = queued + _CREATORS - (self._created - self.finished)
        turns = iter(range(missing))

        async def create() -> None:
            for _ in turns:
                await self._create()

        await asyncio.gather(*(create() for _ in range(min(_CREATORS, max(0, missing)))))

    async def _create(self) -> None:
        self._created += 1
        now_ms = self._context.now_ms()
        run = root_run(ids.new_id(ids.RUN, now_ms), self._version, self._version.tasks[0], now_ms=now_ms)
        await self._context.runs.create(run, "[7]")

    async def _read(self) -> Reading:
        found = await self._store.info("everything")
        return Reading(
            time.process_time(),
            found["used_cpu_user"] + found["used_cpu_sys"],
            found["total_commands_processed"],
            processes.resident_bytes(os.getpid()),
            found["used_memory"],
        )


@asynccontextmanager
async def _load() -> AsyncIterator[_Load]:
    with TemporaryDirectory(prefix="orchestrator-bench-") as home:
        data_dir = DataDir(Path(home))
        settings = Settings(data_dir=data_dir.path, port=0, keep_runs_max=KEPT, keep_interval_s=5, warm="off")
        server, _ = own_servers(data_dir.path, data_dir.secret())
        await server.start()
        store, binary = connect(server.url), connect_binary(server.url)
        workflows = WorkflowStore(store, binary, await env_cipher(data_dir, store, forget=False))
        version = await _deploy(workflows)
        await store.delete(keys.BUILDS)  # it is "built" already
        engine = FakeEngine(data_dir.instance(), {fake_shim.IMAGE: fake_shim.program})
        async with running(settings, engine) as instance:
            load = _Load(instance, version, store)
            with instance.context.feed.listen(load.notice):
                yield load
            await store.aclose()
            await binary.aclose()


async def _deploy(workflows: WorkflowStore) -> Version:
    now_ms = time.time_ns() // 1_000_000
    _, version = await workflows.deploy("bench", Source("/"), "main.py", {}, b"", now_ms=now_ms)
    built = replace(version, image=fake_shim.IMAGE, entry_point="main.py")
    return await workflows.release(built, check([{"name": "noop", "options": {"plan": "starter"}}]), now_ms=now_ms)


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """For the table of ``make bench``."""
    taken = asyncio.run(measure(RUNS, QUEUED, lambda _: None))
    shallow = [step for step in taken if step.queued == _SHALLOW]
    first, last, deepest = shallow[0], shallow[-1], taken[-1]
    for title, step in ((f"{last.finished:,} runs later", last), (f"{deepest.queued:,} queued", deepest)):
        beside = f"after {first.finished:,}, {first.queued} queued: {first.cpu_ms:.1f} ms"
        yield (f"CPU of a run, {title}", f"{step.cpu_ms:.1f} ms", beside, f"{step.cpu_ms / first.cpu_ms:.2f}", "≤ 1.2")


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.0f} MiB"


def main() -> None:
    """Print each step as it is done, and all of them as JSON at the end when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--queued", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    taken = asyncio.run(measure(given.runs, given.queued, lambda step: print(step, flush=True)))
    if given.json:
        print(json.dumps([astuple(step) for step in taken]))


if __name__ == "__main__":
    main()
