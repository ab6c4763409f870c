"""Finished runs go while others run, and old versions with them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from orchestrator.core.retention import LEAST_MS, RetentionPolicy
from orchestrator.core.runs.run import Status
from orchestrator.core.workflow import Source
from orchestrator.scheduler.retention import Retention
from orchestrator.store.connection import Client
from orchestrator.store.removal import Removal
from orchestrator.store.runs.listing import Filter, RunListing
from orchestrator.store.runs.store import RunNotFound
from tests.scheduler.conftest import Instance, now_ms
from tests.scheduler.shim_program import Task


async def quick(task: Task) -> None:
    task.process.print("done")


async def endless(task: Task) -> None:
    await asyncio.Event().wait()


def retention(instance: Instance, store: Client, keep: RetentionPolicy) -> Retention:
    """One that sees everything as old enough to go."""
    context = replace(instance.context, now_ms=lambda: now_ms() + 2 * LEAST_MS)
    return Retention(context, Removal(store), keep, interval_s=0.01)


async def test_the_newest_finished_runs_stay(fake_instance: Instance, store: Client) -> None:
    await fake_instance.register({"quick": quick})
    run_ids = [await fake_instance.submit("quick") for _ in range(8)]
    for run_id in run_ids:
        await fake_instance.ended(run_id)
    await fake_instance.idle()
    assert await retention(fake_instance, store, RetentionPolicy(runs=3)).tidy() == 5
    listed = await RunListing(store, fake_instance.context.runs).page(Filter(), before=None, limit=100)
    assert len(listed) == 3


async def test_a_run_in_progress_and_its_version_stay(fake_instance: Instance, store: Client) -> None:
    await fake_instance.register({"endless": endless}, retry={"max_retries": 0})
    old = fake_instance.version
    assert old is not None
    run_id = await fake_instance.submit("endless")
    await fake_instance.in_status(run_id, Status.RUNNING)
    await fake_instance.register({"endless": endless})
    await retention(
        fake_instance, store, RetentionPolicy(runs_days=0.000001, runs=1, memory_bytes=1, versions=1)
    ).tidy()
    assert (await fake_instance.context.runs.get(run_id)).status is Status.RUNNING
    assert await fake_instance.context.workflows.version(old.id) == old
    await fake_instance.context.engine.signal((await fake_instance.context.engine.list())[0].id, "SIGKILL")


async def test_a_run_whose_container_is_not_gone_stays(
    fake_instance: Instance, store: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = asyncio.Event()

    async def until_then(task: Task) -> None:
        await may_end.wait()

    await fake_instance.register({"quick": until_then})
    run_id = await fake_instance.submit("quick")
    await fake_instance.in_status(run_id, Status.RUNNING)
    while_it_runs = await fake_instance.engine.list()
    may_end.set()
    await fake_instance.ended(run_id)
    await fake_instance.idle()
    monkeypatch.setattr(fake_instance.engine, "list", lambda: asyncio.sleep(0, while_it_runs))
    assert len(while_it_runs) == 1
    assert await retention(fake_instance, store, RetentionPolicy(memory_bytes=1)).tidy() == 0
    assert await fake_instance.context.runs.get(run_id)
    monkeypatch.undo()
    assert await retention(fake_instance, store, RetentionPolicy(memory_bytes=1)).tidy() == 1
    with pytest.raises(RunNotFound):
        await fake_instance.context.runs.get(run_id)


async def test_an_old_version_goes(idle_instance: Instance, store: Client) -> None:
    for _ in range(3):
        await idle_instance.register({"quick": quick})
    workflows = idle_instance.context.workflows
    _, building = await workflows.deploy("w", Source("/"), "main.py", {}, b"", now_ms=now_ms())
    await retention(idle_instance, store, RetentionPolicy(versions=2)).tidy()
    left = await workflows.versions(building.workflow_id)
    assert [one.number for one in left] == [4, 3]
