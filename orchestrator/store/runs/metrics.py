"""How many runs of a task were queued and ended in each minute; counted by the scripts that make it so, and kept for a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final

from orchestrator.core.runs.run import Status
from orchestrator.store import keys
from orchestrator.store.connection import Client

KEPT_S: Final = 31 * 24 * 3600
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 24 * 60 * _MINUTE_MS


def key(task_id: str, at_ms: int) -> keys.Key:
    """The key of that day's counts."""
    return keys.metrics(task_id, at_ms // _DAY_MS)


def field(at_ms: int, status: Status) -> str:
    """The field of that minute's count."""
    return f"{at_ms // _MINUTE_MS} {status}"


class Metrics:
    """Reads the counts."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def counts(
        self, task_id: str, statuses: Collection[Status], start_ms: int, end_ms: int
    ) -> dict[Status, Counter[int]]:
        """Of each status, how many runs became it, by the start of the minute in ms; whole minutes are counted."""
        async with self._client.pipeline(transaction=False) as pipe:
            for at_ms in range(start_ms // _DAY_MS * _DAY_MS, end_ms, _DAY_MS):
                pipe.hgetall(key(task_id, at_ms))
            days = await pipe.execute()
        found: dict[Status, Counter[int]] = {status: Counter() for status in statuses}
        for name, count in (item for day in days for item in day.items()):
            minute, _, status = name.partition(" ")
            at_ms = int(minute) * _MINUTE_MS
            if status in found and start_ms <= at_ms < end_ms:
                found[Status(status)][at_ms] += int(count)
        return found
