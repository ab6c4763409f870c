"""How the whole instance is."""

from __future__ import annotations

from dataclasses import replace

import httpx

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.core.plans import GIB
from orchestrator.core.scheduling.capacity import Amount
from orchestrator.core.scheduling.pool import Kind
from orchestrator.core.scheduling.situation import Situation, Warm
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from orchestrator.store.connection import Client
from tests.api.conftest import KEY, client
from tests.api.support import deployed


async def test_it_says_what_waits_for_what_and_what_the_store_holds(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.queued(services, maths)
    await deployed.queued(services, maths)
    await services.runs.queue.say_why("no room")
    shown = (await api.get("/v1/system")).json()
    assert shown["queued"] == 2
    assert shown["waiting"] == [{"workflow": "maths", "task": "square", "count": 2, "waitsFor": "no room"}]
    assert shown["oldestQueuedAt"].startswith("20")
    assert run.created_at_ms
    assert shown["redis"]["usedBytes"] > 0


async def test_what_is_paused_waits_for_that_and_not_for_room(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    run = await deployed.queued(services, maths)
    await services.runs.queue.say_why("no room")
    await services.pauses.pause(run.task_id, "moving", now_ms=1)
    assert [one["waitsFor"] for one in (await api.get("/v1/system")).json()["waiting"]] == [
        "its task is paused: moving"
    ]
    await services.pauses.pause(maths.workflow_id, "", now_ms=1)
    assert [one["waitsFor"] for one in (await api.get("/v1/system")).json()["waiting"]] == ["its workflow is paused"]


async def test_whoever_schedules_says_what_it_has_and_what_waits_for_runs(services: Services, maths: Version) -> None:
    warm = (Warm(Kind(maths.id, "starter"), 2, 1), Warm(Kind("wfv-gone", "starter"), 1, 0))
    here = Situation(Amount(4_000, 8 * GIB), Amount(500, 2 * GIB), GIB, 3, warm)
    app = create_app(
        replace(services, situation=lambda: here, disk_bytes=lambda: (5, 10), retention={"versions of a workflow": "5"})
    )
    async with client(app, {"Authorization": f"Bearer {KEY}"}) as api:
        shown = (await api.get("/v1/system")).json()
    assert shown["capacity"] == {
        "cpu": {"total": 4.0, "reserved": 0.5},
        "memoryBytes": {"total": 8 * GIB, "reserved": 2 * GIB, "used": GIB},
        "containers": 3,
    }
    assert shown["warmPool"] == [
        {"workflow": "maths", "version": "v1", "plan": "starter", "tasks": ["square"], "ready": 2, "starting": 1}
    ]
    assert (shown["disk"], shown["retention"]) == (
        {"freeBytes": 5, "totalBytes": 10},
        {"versions of a workflow": "5"},
    )


async def test_it_says_who_schedules_and_which_parts_are_not_well(services: Services, store: Client) -> None:
    await store.hset(keys.LEASE, "owner", "box:/srv")
    services.admission.no_runs = "the disk is nearly full"
    parts = {"scheduler": "scheduling", "store": "restarting", "engine": "docker"}
    async with client(create_app(replace(services, info=parts)), {"Authorization": f"Bearer {KEY}"}) as api:
        shown = (await api.get("/v1/system")).json()
    assert shown["leader"] == {"id": "box:/srv", "isThis": True}
    assert {check["name"]: check["isOk"] for check in shown["checks"]} == {
        "store": False,
        "scheduler": True,
        "new runs": False,
        "deploys": True,
    }


async def test_an_instance_with_nothing_to_do_has_nothing_waiting(api: httpx.AsyncClient) -> None:
    shown = (await api.get("/v1/system")).json()
    assert (shown["queued"], shown["waiting"], shown["warmPool"]) == (0, [], [])
    assert "capacity" not in shown
