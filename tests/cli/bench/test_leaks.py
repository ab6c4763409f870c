from __future__ import annotations

from typing import Any

from orchestrator.channel.access import Access
from orchestrator.cli.bench.leaks import audit
from orchestrator.store import keys

CLEAN = {"channel users": 0, "channel keys": 0, "store keys": 0}
ACCESS = Access.derive(b"secret", "0123456789abcdef")


async def give(channel: Any) -> None:
    await channel.execute_command("ACL", "SETUSER", ACCESS.user, *ACCESS.rules())
    await channel.xadd(ACCESS.stream_out, {"frame": "{}"})


async def take_back(channel: Any) -> None:
    await channel.execute_command("ACL", "DELUSER", ACCESS.user)
    await channel.delete(ACCESS.stream_out)


async def test_an_orchestrator_without_runs_has_nothing(store: Any, channel_client: Any) -> None:
    assert await audit(store, channel_client, frozenset) == CLEAN


async def test_what_wakes_the_orchestrator_is_no_leak(store: Any, channel_client: Any) -> None:
    await channel_client.xadd("chan:wake", {"channel": ""})
    assert await audit(store, channel_client, frozenset) == CLEAN


async def test_what_a_container_that_is_gone_had_on_the_channel_is_a_leak(store: Any, channel_client: Any) -> None:
    await give(channel_client)
    assert await audit(store, channel_client, frozenset) == CLEAN | {"channel users": 1, "channel keys": 1}
    await take_back(channel_client)


async def test_what_a_container_that_waits_has_is_none(store: Any, channel_client: Any) -> None:
    await give(channel_client)
    assert await audit(store, channel_client, lambda: [ACCESS.channel_id]) == CLEAN
    await take_back(channel_client)


async def test_a_run_that_is_active_or_queued_for_ever_is_a_leak(store: Any, channel_client: Any) -> None:
    await store.sadd(keys.ACTIVE, "trn-1")
    await store.set(keys.QUEUE_LENGTH, 1)
    await store.zadd(keys.queue_tree("trn-2"), {"trn-2": 1})
    assert await audit(store, channel_client, frozenset) == CLEAN | {"store keys": 3}
