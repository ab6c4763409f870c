"""What tasks used is kept by version and task, and goes with the version."""

from __future__ import annotations

from orchestrator.core.scheduling.estimate import Seen
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.task_usage import TaskUsageStore


async def test_what_is_saved_is_loaded_by_task(store: Client) -> None:
    usage = TaskUsageStore(store)
    await usage.save("wfv-1", "tsk-1", [Seen(1, 2)])
    await usage.save("wfv-1", "tsk-1", [Seen(1, 2), Seen(3, 4)])
    await usage.save("wfv-1", "tsk-2", [Seen(5, 6)])
    assert await usage.load("wfv-1") == {"tsk-1": [Seen(1, 2), Seen(3, 4)], "tsk-2": [Seen(5, 6)]}
    assert await usage.load("wfv-2") == {}


async def test_what_nobody_adds_to_is_forgotten_in_a_month(store: Client) -> None:
    await TaskUsageStore(store).save("wfv-1", "tsk-1", [Seen(1, 2)])
    assert 29 * 86_400 < await store.ttl(keys.version_usage("wfv-1")) <= 30 * 86_400
