"""What the store costs with 100,000 runs in it: time with that many queued, and memory after as many have finished."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from orchestrator.core.plans import GIB
from orchestrator.core.retention import LEAST_MS, RetentionPolicy, outdated_trees
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import decide
from orchestrator.core.runs.run import Run, Status
from orchestrator.core.runs.submission import root_run
from orchestrator.core.scheduling.capacity import Amount
from orchestrator.core.scheduling.dispatch import choose
from orchestrator.core.tasks import TaskSpec, check
from orchestrator.core.workflow import Version, VersionStatus
from orchestrator.redis.server import store_server
from orchestrator.store import ids
from orchestrator.store.connection import connect
from orchestrator.store.removal import Removal
from orchestrator.store.runs.cancel import cancel_tree
from orchestrator.store.runs.listing import Filter, RunListing
from orchestrator.store.runs.store import RunStore

FEW: Final = 100
MANY: Final = 100_000
KEPT: Final = 10_000
ROUNDS: Final = 300
_AT_ONCE: Final = 50
_CAPACITY: Final = Amount(1000, 2 * GIB)
_FAILURE: Final = ev.CancelRequested("one of the few that a list looks for")
_TIMES: Final = itertools.count(1_700_000_000_000)
_DRAFT: Final = check([{"name": "noop"}])[0]
_TASK: Final = TaskSpec("tsk-00000000000000000001", "noop", _DRAFT.plan, _DRAFT.timeout_s, _DRAFT.retry, ())
_VERSION: Final = Version(
    "wfv-00000000000000000001", "wfl-00000000000000000001", 1, VersionStatus.READY, "", "main.py", {}, (_TASK,), 0
)
_OTHER: Final = replace(_VERSION, id="wfv-00000000000000000002", number=2)

LISTS: Final = {
    "all": Filter(),
    "pending": Filter(statuses=frozenset({Status.QUEUED})),
    "canceled (few are)": Filter(statuses=frozenset({Status.CANCELED})),
    "failed (none is)": Filter(statuses=frozenset({Status.FAILED})),
    "of a workflow, canceled": Filter(
        workflow_ids=frozenset({_VERSION.workflow_id}), statuses=frozenset({Status.CANCELED})
    ),
    "of a task and a version (few)": Filter(task_ids=frozenset({_TASK.id}), version_ids=frozenset({_OTHER.id})),
}


@dataclass(frozen=True, slots=True)
class Growth:
    """How many runs have finished, how many of them are kept, and what the store holds then."""

    finished: int
    kept: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians of one operation, in ms."""

    operation: str
    few_ms: float
    many_ms: float

    @property
    def ratio(self) -> float:
        """How much more it is with many."""
        return self.many_ms / self.few_ms


def measure_growth(keep: int = KEPT) -> list[Growth]:
    """Runs finish and the oldest go, as they would over days."""
    return asyncio.run(_growth(keep))


def measure_costs() -> list[Cost]:
    """Every operation in turn on a store with few queued runs and on one with many."""
    return asyncio.run(_costs())


@asynccontextmanager
async def _store() -> AsyncIterator[Any]:
    with TemporaryDirectory(prefix="orchestrator-bench-") as home:
        server = store_server(Path(home) / "store", "bench", fsync="everysec")
        await server.start()
        client = connect(server.url)
        try:
            yield client
        finally:
            await client.aclose()
            await server.stop()


def _a_run(version: Version = _VERSION) -> Run:
    now_ms = next(_TIMES)
    return root_run(ids.new_id(ids.RUN, now_ms), version, _TASK, now_ms=now_ms)


async def _each(count: int, work: Callable[[], Awaitable[object]]) -> None:
    """Do it so often, as many at once as keep Redis busy."""
    turns = iter(range(count))

    async def worker() -> None:
        for _ in turns:
            await work()

    await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))


# --- memory ---


async def _growth(keep: int) -> list[Growth]:
    async with _store() as client:
        runs, removal = RunStore(client), Removal(client)
        growth = []
        for finished in range(KEPT, MANY + 1, KEPT):
            await _each(KEPT, lambda: _finish(runs))
            await _tidy(removal, RetentionPolicy(runs=keep))
            held = await removal.held()
            growth.append(Growth(finished, held.finished_runs, held.memory_bytes))
        return growth


async def _finish(runs: RunStore) -> None:
    """A run from its request to its result, each step a change in the store."""
    run = _a_run()
    await runs.create(run, "[7]")
    for event in (ev.Claimed(run.created_at_ms + 1000), ev.ShimReady(), ev.ResultReported()):
        decision = decide(run, event, now_ms=run.created_at_ms)
        await runs.apply(run, decision, result_json="49" if isinstance(event, ev.ResultReported) else None)
        run = decision.run


async def _tidy(removal: Removal, keep: RetentionPolicy) -> None:
    now_ms = next(_TIMES) + LEAST_MS
    while outdated := outdated_trees(await removal.oldest_trees(100), await removal.held(), keep, now_ms=now_ms):
        for tree in outdated:
            await removal.remove_tree(tree.root_id, ())


# --- time ---


async def _costs() -> list[Cost]:
    async with _store() as few, _store() as many:
        sides = [_Side(few), _Side(many)]
        for side, count in zip(sides, (FEW, MANY), strict=True):
            await side.fill(count)
        for _ in range(ROUNDS):
            for side in sides:
                await side.round()
        return [Cost(name, *(median(side.times[name]) * 1000 for side in sides)) for name in sides[0].times]


class _Side:
    """One store, and how long each operation took there."""

    def __init__(self, client: Any) -> None:
        self.runs = RunStore(client)
        self.listing = RunListing(client, self.runs)
        self.times: dict[str, list[float]] = {}

    async def fill(self, count: int) -> None:
        for _ in range(5):
            run = _a_run(_OTHER)
            await self.runs.create(run, "[7]")
            await cancel_tree(self.runs, run.id, _FAILURE.reason, now_ms=run.created_at_ms)
        await _each(count, lambda: self.runs.create(_a_run(), "[7]"))

    async def round(self) -> None:
        """Two runs are queued, one starts and one is canceled: as many are queued afterwards as before."""
        started, canceled = _a_run(), _a_run()
        await self.timed("create", self.runs.create(started, "[7]"))
        await self.runs.create(canceled, "[7]")
        await self.timed("get", self.runs.get_stored(started.id))
        await self.timed("dispatch: choose and claim", self.dispatch())
        await self.timed("cancel", cancel_tree(self.runs, canceled.id, "no", now_ms=canceled.created_at_ms))
        for name, wanted in LISTS.items():
            await self.timed(f"list: {name}", self.listing.page(wanted, before=None, limit=20))

    async def timed(self, name: str, work: Awaitable[object]) -> None:
        start_s = time.perf_counter()
        await work
        self.times.setdefault(name, []).append(time.perf_counter() - start_s)

    async def dispatch(self) -> None:
        """What the dispatcher does for one run."""
        queue = (await self.runs.queue.head(64)).runs
        now_ms = queue[0].created_at_ms
        run_id = choose([], queue, _CAPACITY, now_ms=now_ms)[0].run_id
        await self.runs.change(run_id, ev.Claimed(now_ms + 1000), now_ms=now_ms)


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """For the table of ``make bench``."""
    growth = measure_growth()
    first, middle, last = growth[0], growth[len(growth) // 2 - 1], growth[-1]
    yield (
        f"store after {last.finished:,} runs, {last.kept:,} kept",
        _mib(last.memory_bytes),
        f"after {first.finished:,} {_mib(first.memory_bytes)}, after {middle.finished:,} {_mib(middle.memory_bytes)}",
        f"{last.memory_bytes / first.memory_bytes:.2f}",
        "",
    )
    for cost in measure_costs():
        few, many = f"{FEW} queued {cost.few_ms:.2f} ms", f"{cost.many_ms:.2f} ms"
        yield (f"{cost.operation}, {MANY:,} queued", many, few, f"{cost.ratio:.2f}", "≤ 1.3")


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.0f} MiB"


if __name__ == "__main__":
    for row in rows():
        print(*row, sep=" | ")
