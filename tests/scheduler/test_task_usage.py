"""What tasks are known to need: learned as attempts end, kept in the store, and never what an unlucky run must do with again."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.core.container.forensics import Forensics, Measured
from orchestrator.core.plans import MIB
from orchestrator.core.runs.run import Attempt, Run
from orchestrator.core.scheduling.dispatch import QueuedRun
from orchestrator.core.scheduling.estimate import SEEN_MAX, SEEN_MIN, UNKNOWN, Need
from orchestrator.scheduler.task_usage import TaskUsage
from orchestrator.store.connection import Client
from orchestrator.store.task_usage import TaskUsageStore
from tests.core.sample_runs import a_run

KNOWN = Need(82 * MIB, 32)
"""Of a task that takes 40 MiB and a hundredth of a CPU."""


def ended(mib: int = 40) -> Run:
    """A run whose attempt worked for 10 s."""
    found = Forensics(measured=Measured(mib * MIB, cpu_ms=100))
    return a_run(attempts=(Attempt(0, 0, started_at_ms=0, ended_at_ms=10_000, forensics=found),))


def queued(run: Run) -> QueuedRun:
    return QueuedRun(run.id, run.plan, task_id=run.task_id, version_id=run.version_id)


async def test_a_task_is_known_once_enough_of_its_attempts_ended(store: Client) -> None:
    usage = TaskUsage(TaskUsageStore(store))
    for _ in range(SEEN_MIN - 1):
        await usage.learn(ended())
    assert usage.need(ended()) == UNKNOWN
    await usage.learn(ended())
    assert usage.need(ended()) == KNOWN
    assert [run.need for run in await usage.judged([queued(ended())])] == [KNOWN]


async def test_whoever_schedules_next_knows_it_too(store: Client) -> None:
    usage = TaskUsage(TaskUsageStore(store))
    for _ in range(SEEN_MIN):
        await usage.learn(ended())
    heir = TaskUsage(TaskUsageStore(store))
    assert [run.need for run in await heir.judged([queued(ended())])] == [KNOWN]
    assert heir.need(ended()) == KNOWN


async def test_what_is_kept_has_a_bound_and_follows_what_the_task_does(store: Client) -> None:
    usage = TaskUsage(TaskUsageStore(store))
    for mib in (*[400] * SEEN_MIN, *[40] * SEEN_MAX):
        await usage.learn(ended(mib))
    assert usage.need(ended()) == KNOWN
    (latest,) = (await TaskUsageStore(store).load(ended().version_id)).values()
    assert len(latest) == SEEN_MAX


async def test_a_run_that_is_to_have_its_plan_needs_all_of_it(store: Client) -> None:
    usage = TaskUsage(TaskUsageStore(store))
    for _ in range(SEEN_MIN):
        await usage.learn(ended())
    assert usage.need(replace(ended(), reserves_plan=True)) == UNKNOWN
    assert (await usage.judged([replace(queued(ended()), reserves_plan=True)]))[0].need == UNKNOWN


async def test_without_a_store_nothing_is_learned() -> None:
    usage = TaskUsage()
    for _ in range(SEEN_MIN):
        await usage.learn(ended())
    assert usage.need(ended()) == UNKNOWN
