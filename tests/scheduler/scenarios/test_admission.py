"""Admission that fits how tasks behave, in the whole scheduler on the fake engine."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.core.plans import GIB, MIB
from orchestrator.core.runs.run import Status
from orchestrator.core.scheduling.capacity import Amount, Reservation
from orchestrator.core.scheduling.estimate import SEEN_MIN
from orchestrator.scheduler.dispatcher import DispatchPolicy
from tests.scheduler.conftest import Instance
from tests.scheduler.shim_program import Task
from tests.wait import wait_until

SHARED = Reservation(cpu_share=0.25, memory_by_need=True)
TWO_CORES = Amount(2_000, 4 * GIB)


class Crowd:
    """Tasks that use 30 MiB and wait until they are let go; how many did so at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.release = asyncio.Event()

    async def wait(self, task: Task) -> None:
        task.process.allocate(30 * MIB)
        self.now += 1
        self.most = max(self.most, self.now)
        await self.release.wait()
        self.now -= 1


@pytest.fixture
async def crowd(idle_instance: Instance) -> Crowd:
    made = Crowd()
    await idle_instance.register({"wait": made.wait}, plan="standard")
    return made


async def known(instance: Instance, crowd: Crowd) -> None:
    """Let the task show what it needs."""
    crowd.release.set()
    for _ in range(SEEN_MIN):
        await instance.ended(await instance.submit("wait"))
    await instance.idle()
    crowd.release.clear()
    crowd.most = 0


async def test_tasks_that_wait_for_others_run_by_the_dozen_once_they_were_seen_to(
    idle_instance: Instance, crowd: Crowd
) -> None:
    """On two cores and 4 GiB two fit by their plans; these are known to use 30 MiB and no CPU to speak of."""
    idle_instance.capacity, idle_instance.policy = TWO_CORES, DispatchPolicy(SHARED)
    await idle_instance.start()
    await known(idle_instance, crowd)
    run_ids = [await idle_instance.submit("wait") for _ in range(30)]

    async def all_run() -> bool:
        return crowd.now == 30

    await wait_until(all_run, "30 to run at once")
    crowd.release.set()
    for run_id in run_ids:
        assert (await idle_instance.ended(run_id)).run.status is Status.COMPLETED


async def test_strict_reservations_give_each_its_plan_whatever_was_seen(idle_instance: Instance, crowd: Crowd) -> None:
    idle_instance.capacity = TWO_CORES
    await idle_instance.start()
    await known(idle_instance, crowd)
    run_ids = [await idle_instance.submit("wait") for _ in range(6)]

    async def two_run() -> bool:
        return crowd.now == 2

    await wait_until(two_run, "two to run")
    crowd.release.set()
    for run_id in run_ids:
        await idle_instance.ended(run_id)
    assert crowd.most == 2


async def test_what_was_seen_is_known_after_a_crash(idle_instance: Instance, crowd: Crowd) -> None:
    idle_instance.capacity, idle_instance.policy = TWO_CORES, DispatchPolicy(SHARED)
    await idle_instance.start()
    await known(idle_instance, crowd)
    await idle_instance.crash()
    await idle_instance.start()
    run_ids = [await idle_instance.submit("wait") for _ in range(10)]

    async def all_run() -> bool:
        return crowd.now == 10

    await wait_until(all_run, "10 to run at once")
    crowd.release.set()
    for run_id in run_ids:
        await idle_instance.ended(run_id)


async def test_who_dies_because_all_together_had_no_memory_left_is_tried_again_with_its_plan_and_not_charged(
    idle_instance: Instance,
) -> None:
    """Two fit as they behaved before; now each wants 300 MiB, which only one can have."""
    release = asyncio.Event()

    async def grow(task: Task, mib: int) -> None:
        task.process.allocate(mib * MIB)
        await release.wait()

    idle_instance.capacity, idle_instance.policy = Amount(8_000, 512 * MIB), DispatchPolicy(SHARED)
    await idle_instance.register({"grow": grow}, retry={"max_retries": 0, "wait_duration_ms": 0})
    await idle_instance.engine.confine(512 * MIB)
    await idle_instance.start()
    release.set()
    for _ in range(SEEN_MIN):
        await idle_instance.ended(await idle_instance.submit("grow", 30))
    release.clear()
    run_ids = [await idle_instance.submit("grow", 300) for _ in range(2)]

    async def one_ran_short() -> bool:
        return any([(await idle_instance.context.runs.get(run_id)).reserves_plan for run_id in run_ids])

    await wait_until(one_ran_short, "one of them to run short")
    release.set()
    runs = [(await idle_instance.ended(run_id)).run for run_id in run_ids]
    assert [run.status for run in runs] == [Status.COMPLETED, Status.COMPLETED]
    assert [run.charged_failures for run in runs] == [0, 0]
    failure = next(run for run in runs if run.reserves_plan).attempts[0].failure
    assert failure is not None
    assert "all runs together needed more memory" in failure.message


async def test_who_meets_its_own_cap_is_charged_although_others_ran_short_before(idle_instance: Instance) -> None:
    async def burst(task: Task) -> None:
        task.process.allocate(600 * MIB)

    await idle_instance.engine.confine(GIB)
    await idle_instance.register({"burst": burst}, retry={"max_retries": 0, "wait_duration_ms": 0})
    await idle_instance.start()
    run = (await idle_instance.ended(await idle_instance.submit("burst"))).run
    assert (run.charged_failures, run.infra_failures, run.reserves_plan) == (1, 0, False)


async def test_nothing_starts_while_the_hosts_memory_says_no_and_the_reason_is_told(
    idle_instance: Instance, crowd: Crowd
) -> None:
    told: list[str] = []
    lack = ["3 MiB are free"]
    idle_instance.policy = DispatchPolicy(lack_of_memory=lambda: lack[0], report=told.append)
    await idle_instance.start()
    run_id = await idle_instance.submit("wait")

    async def is_told() -> bool:
        return told[-1:] == ["nothing starts: 3 MiB are free"]

    await wait_until(is_told, "the reason to be told")
    assert (await idle_instance.context.runs.get(run_id)).status is Status.QUEUED
    lack[0] = ""
    crowd.release.set()
    assert (await idle_instance.ended(run_id)).run.status is Status.COMPLETED
    assert told[-1] == "as there is room"


async def test_only_so_many_containers_are_being_started_at_once(
    idle_instance: Instance, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, most, go_on, start = 0, 0, asyncio.Event(), idle_instance.engine.start

    async def slowly(container_id: str) -> None:
        nonlocal starting, most
        starting += 1
        most = max(most, starting)
        await go_on.wait()
        await start(container_id)
        starting -= 1

    async def three_are() -> bool:
        return starting == 3

    monkeypatch.setattr(idle_instance.engine, "start", slowly)
    idle_instance.policy = DispatchPolicy(Reservation(cpu_share=0.1), parallel_starts=3)
    idle_instance.capacity = Amount(8_000, 64 * GIB)
    await idle_instance.start()
    crowd.release.set()
    run_ids = [await idle_instance.submit("wait") for _ in range(20)]
    await wait_until(three_are, "three to be started")
    go_on.set()
    for run_id in run_ids:
        assert (await idle_instance.ended(run_id)).run.status is Status.COMPLETED
    assert most == 3
