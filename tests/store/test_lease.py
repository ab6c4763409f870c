"""Of all orchestrators on one store exactly one schedules, whatever their clocks say and however long one is paused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from redis.exceptions import ConnectionError

from orchestrator.core.runs.events import Claimed
from orchestrator.core.runs.run import Status
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.lease import Lease, LeaseLost
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import a_run

LEASE_S = 10.0


@dataclass
class Clock:
    """Any process's clock: they need not agree."""

    now_ms: int = 0

    def __call__(self) -> int:
        return self.now_ms

    def pass_s(self, seconds: float) -> None:
        self.now_ms += round(seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def first(store: Client, clock: Clock) -> Lease:
    return Lease(store, "first", lease_s=LEASE_S, now_ms=clock)


@pytest.fixture
def second(store: Client, clock: Clock) -> Lease:
    ahead = Clock(1_000_000_000)
    return Lease(store, "second", lease_s=LEASE_S, now_ms=lambda: clock() + ahead())


async def test_only_one_holds_it_and_the_other_knows_who(first: Lease, second: Lease) -> None:
    assert await first.try_take()
    assert not await second.try_take()
    assert second.leader == "first"
    with pytest.raises(LeaseLost):
        second.check()


async def test_it_is_taken_over_after_a_whole_lease_of_silence_and_not_before(
    first: Lease, second: Lease, clock: Clock
) -> None:
    await first.try_take()
    assert not await second.try_take()
    clock.pass_s(LEASE_S - 0.1)
    assert not await second.try_take()
    clock.pass_s(0.1)
    assert await second.try_take()


async def test_a_sign_of_life_begins_the_wait_anew(first: Lease, second: Lease, clock: Clock) -> None:
    await first.try_take()
    await second.try_take()
    clock.pass_s(LEASE_S / 2)
    await first.renew()
    clock.pass_s(LEASE_S / 2)
    assert not await second.try_take()
    clock.pass_s(LEASE_S / 2)
    assert not await second.try_take()
    clock.pass_s(LEASE_S / 2)
    assert await second.try_take()


async def test_a_holder_that_renews_while_it_is_being_taken_keeps_it(
    first: Lease, second: Lease, clock: Clock, store: Client
) -> None:
    """The condition is checked where both meet: in the store."""
    await first.try_take()
    await second.try_take()
    clock.pass_s(LEASE_S)
    await store.hincrby(keys.LEASE, "beat", 1)
    assert not await second.try_take()


async def test_a_holder_gives_up_before_another_can_take_it(first: Lease, second: Lease, clock: Clock) -> None:
    await first.try_take()
    await second.try_take()
    clock.pass_s(LEASE_S * 0.7)
    with pytest.raises(LeaseLost):
        first.check()
    assert not await second.try_take()


async def test_a_store_that_was_away_is_no_sign_that_the_holder_is_dead(
    first: Lease, second: Lease, clock: Clock, store: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionError

    await first.try_take()
    await second.try_take()
    with monkeypatch.context() as patch:
        patch.setattr(store, "execute_command", away)
        with pytest.raises(ConnectionError):
            await second.try_take()
    clock.pass_s(LEASE_S)
    assert not await second.try_take()


async def test_the_next_process_of_a_data_directory_need_not_wait(store: Client, first: Lease) -> None:
    """The directory's lock says that the one before is dead."""
    await first.try_take()
    assert await Lease(store, "first", lease_s=LEASE_S).try_take()


async def test_one_that_was_given_back_is_free_at_once(first: Lease, second: Lease) -> None:
    await first.try_take()
    before = int(first.token)
    await first.release()
    assert await second.try_take()
    assert int(second.token) > before


async def test_giving_back_a_lost_one_takes_it_from_nobody(first: Lease, second: Lease, clock: Clock) -> None:
    await first.try_take()
    await second.try_take()
    clock.pass_s(LEASE_S)
    await second.try_take()
    await first.release()
    assert not await first.try_take()


async def test_a_renewal_tells_a_paused_holder_who_has_it_now(first: Lease, second: Lease, clock: Clock) -> None:
    await first.try_take()
    await second.try_take()
    clock.pass_s(LEASE_S)
    await second.try_take()
    clock.now_ms = 0  # it has not noticed how long it slept
    with pytest.raises(LeaseLost, match="second"):
        await first.renew()


async def test_the_store_refuses_the_late_change_of_a_paused_holder(
    store: Client, first: Lease, second: Lease, clock: Clock
) -> None:
    await first.try_take()
    stale, run = RunStore(store, first), a_run()
    await stale.create(run, "[]")
    await second.try_take()
    clock.pass_s(LEASE_S)
    await second.try_take()
    clock.now_ms = 0
    first.check()  # it believes that it holds the lease
    with pytest.raises(LeaseLost):
        await stale.change(run.id, Claimed(1), now_ms=0)
    assert (await stale.get(run.id)).status is Status.QUEUED
    assert await RunStore(store, second).change(run.id, Claimed(1), now_ms=0) is not None
