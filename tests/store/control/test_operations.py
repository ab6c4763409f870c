"""An operation's runs are settled when it begins, and each is counted once."""

from __future__ import annotations

import pytest

from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.control import operations as module
from orchestrator.store.control.operations import Operation, OperationNotFound, Operations
from orchestrator.store.lease import Lease, LeaseLost

CANCEL = Operation("", "cancel", '{"status": "pending"}', 5, 0)


async def test_an_operation_is_kept_with_its_runs_and_how_far_it_is(store: Client) -> None:
    operations = Operations(store)
    begun = await operations.begin(CANCEL, ["trn-3", "trn-2", "trn-1"], now_ms=5)
    assert (begun.matched, begun.position, begun.status) == (3, 0, "running")
    assert await operations.next_runs(begun, 2) == ["trn-3", "trn-2"]
    one = await operations.advance(begun)
    assert one is not None
    two = await operations.advance(one, error="no such run")
    assert two == await Operations(store).oldest_open() == await operations.get(begun.id)
    assert (two and two.done, two and two.failed, two and two.error) == (1, 1, "no such run")
    assert two is not None
    assert await operations.next_runs(two, 5) == ["trn-1"]


async def test_a_run_is_counted_once_whoever_counts(store: Client) -> None:
    operations = Operations(store)
    begun = await operations.begin(CANCEL, ["trn-1", "trn-2"], now_ms=5)
    assert await operations.advance(begun) is not None
    assert await Operations(store).advance(begun) is None
    assert (await operations.get(begun.id)).position == 1


async def test_one_that_was_stopped_goes_no_further(store: Client) -> None:
    operations = Operations(store)
    begun = await operations.begin(CANCEL, ["trn-1"], now_ms=5)
    assert await operations.end(begun.id, "stopped", now_ms=9)
    assert not await operations.end(begun.id, "completed", now_ms=10)
    assert await operations.advance(begun) is None
    stopped = await operations.get(begun.id)
    assert (stopped.status, stopped.ended_at_ms) == ("stopped", 9)
    assert await operations.oldest_open() is None
    assert await store.exists(keys.operation_runs(begun.id)) == 0


async def test_who_lost_the_lease_counts_nothing(store: Client) -> None:
    lease = Lease(store, "us", lease_s=10)
    assert await lease.try_take()
    operations = Operations(store, lease)
    begun = await operations.begin(CANCEL, ["trn-1"], now_ms=5)
    await store.hincrby(keys.LEASE, "token", 1)
    with pytest.raises(LeaseLost):
        await operations.advance(begun)
    assert (await operations.get(begun.id)).position == 0


async def test_only_the_newest_are_kept_and_all_that_are_open(store: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    operations = Operations(store)
    first, *others = [await operations.begin(CANCEL, ["trn-1"], now_ms=at) for at in (5, 6)]
    await operations.end(others[0].id, "completed", now_ms=7)
    newest = [await operations.begin(CANCEL, ["trn-1"], now_ms=at) for at in (8, 9)]
    assert [one.id for one in await operations.all()] == [newest[1].id, newest[0].id, first.id]
    with pytest.raises(OperationNotFound):
        await operations.get(others[0].id)
