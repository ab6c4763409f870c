"""Two changes of one run at the same time: one is made first, and the other sees what it did."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import IllegalEvent
from orchestrator.core.runs.run import Failure, FailureClass, Run, Status
from orchestrator.redis.server import RedisServer, store_server
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE, Client, connect
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import NOW_MS, a_run
from tests.effort import times

ERROR = Failure(FailureClass.ERROR, "boom")
CANCEL = ev.CancelRequested("asked")


@pytest.fixture
def runs(store: Client) -> RunStore:
    return RunStore(store)


async def taken(runs: RunStore, run: Run, *events: ev.Event) -> Run:
    """The run, created and taken through the events."""
    await runs.create(run, "[]")
    for event in events:
        await runs.change(run.id, event, now_ms=NOW_MS)
    return await runs.get(run.id)


async def race(runs: RunStore, run_id: str, *events: ev.Event) -> list[bool]:
    """Which of the events were accepted."""
    results = ["1" if isinstance(event, ev.ResultReported) else None for event in events]
    changes = [
        runs.change(run_id, event, now_ms=NOW_MS, result_json=result)
        for event, result in zip(events, results, strict=True)
    ]
    answers = await asyncio.gather(*changes, return_exceptions=True)
    assert all(answer is None or isinstance(answer, IllegalEvent) or hasattr(answer, "run") for answer in answers)
    return [not isinstance(answer, IllegalEvent) for answer in answers]


async def test_again_and_again_either_the_result_or_the_cancel_wins(runs: RunStore) -> None:
    ends = set()
    for index in range(times(1_000)):
        run = await taken(runs, a_run(id=f"trn-{index}"), ev.Claimed(NOW_MS + 1000), ev.ShimReady())
        events = (ev.ResultReported(), CANCEL) if index % 2 else (CANCEL, ev.ResultReported())
        assert sum(await race(runs, run.id, *events)) == 1
        ended = await runs.get_stored(run.id)
        assert (ended.result is not None) == (ended.run.status is Status.COMPLETED)
        ends.add(ended.run.status)
    assert ends == {Status.COMPLETED, Status.STOPPING}


async def test_a_cancel_always_stops_a_claim_or_what_was_claimed(runs: RunStore, store: Client) -> None:
    for index in range(times(200)):
        run = await taken(runs, a_run(id=f"trn-{index}"))
        claimed, canceled = await race(runs, run.id, ev.Claimed(NOW_MS + 1000), CANCEL)
        assert canceled
        assert (await runs.get(run.id)).status is (Status.STOPPING if claimed else Status.CANCELED)
        assert bool(await store.sismember(keys.ACTIVE, run.id)) is claimed
    assert await runs.queue.length() == 0


async def test_a_cancel_always_ends_a_run_that_is_about_to_be_tried_again(runs: RunStore) -> None:
    for index in range(times(200)):
        started = (ev.Claimed(NOW_MS + 1000), ev.ShimReady(), ev.ErrorReported(ERROR))
        run = await taken(runs, a_run(id=f"trn-{index}"), *started)
        assert (await race(runs, run.id, ev.BackoffElapsed(), CANCEL))[1]
        assert (await runs.get(run.id)).status is Status.CANCELED
    assert (await runs.queue.length(), await runs.next_due_ms()) == (0, None)


async def test_what_was_canceled_stays_canceled_whatever_comes(runs: RunStore) -> None:
    run = await taken(runs, a_run(), ev.Claimed(NOW_MS + 1000), ev.ShimReady(), CANCEL)
    assert await race(runs, run.id, ev.ResultReported(), ev.ErrorReported(ERROR), ev.DeadlinePassed()) == [False] * 3
    await runs.change(run.id, ev.ContainerExited(ERROR, 1), now_ms=NOW_MS)
    ended = await runs.get(run.id)
    assert ended.status is Status.CANCELED
    late = (
        ev.ResultReported(),
        ev.BackoffElapsed(),
        ev.Claimed(NOW_MS),
        ev.ShimReady(),
        ev.ContainerExited(ERROR, 0),
        CANCEL,
    )
    assert await race(runs, run.id, *late) == [False] * len(late)
    assert await runs.get(run.id) == ended


# --- a store that is killed ---


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    # With everysec Redis holds a write back, for two seconds at most, while the disk is busy with the fsync before.
    server = store_server(tmp_path / "s", "p", fsync="always")
    await server.start()
    yield server
    await server.stop()


async def test_a_store_killed_between_requests_has_each_of_them_completely_or_not_at_all(server: RedisServer) -> None:
    """A key without its run, or a run that is not queued, would be a request lost for a day."""
    client = connect(server.url)
    runs = RunStore(client)
    names = [f"{number:03}" for number in range(100)]

    process_id = int((await client.info("server"))["process_id"])
    at_once, answered = asyncio.Semaphore(10), itertools.count()

    async def submit(name: str, prefix: str) -> str:
        async with at_once:
            return (await runs.create(a_run(id=f"trn-{prefix}-{name}"), "[]", idempotency_key=name))[1]

    async def submit_until_killed(name: str) -> str:
        run_id = await submit(name, "first")
        if next(answered) == 30:
            os.kill(process_id, signal.SIGKILL)
        return run_id

    first = await asyncio.gather(*map(submit_until_killed, names), return_exceptions=True)
    assert any(isinstance(answer, UNAVAILABLE) for answer in first), "some were in flight"
    await server.start()
    kept = {name: await client.get(keys.idempotency(a_run().workflow_id, name)) for name in names}
    queued = {candidate.run_id for candidate in (await runs.queue.head(1_000)).runs}
    assert {run_id for run_id in kept.values() if run_id} == queued
    assert {answer for answer in first if isinstance(answer, str)} <= queued, "what was acknowledged is there"
    again = [await submit(name, "again") for name in names]
    assert [run_id for name, run_id in zip(names, again, strict=True) if kept[name]] == [
        one for one in kept.values() if one
    ]
    assert await runs.queue.length() == len(names)
    await client.aclose()
