"""What the latest attempts of each task of a version used, for whoever schedules next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter

from orchestrator.core.scheduling.estimate import Seen
from orchestrator.store import keys
from orchestrator.store.connection import Client

_KEPT_S: Final = 30 * 24 * 3600
"""After the last attempt; what is known of a version that went away meanwhile is gone by then, too."""
_SEEN: Final = TypeAdapter(list[Seen])


class TaskUsageStore:
    """One hash for each version; only who schedules writes it."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def load(self, version_id: str) -> dict[str, Sequence[Seen]]:
        """By task id."""
        found = await self._client.hgetall(keys.version_usage(version_id))
        return {task_id: _SEEN.validate_json(text) for task_id, text in found.items()}

    async def save(self, version_id: str, task_id: str, latest: Sequence[Seen]) -> None:
        """Replace what was known of the task."""
        key = keys.version_usage(version_id)
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(key, task_id, _SEEN.dump_json(list(latest)).decode())
            pipe.expire(key, _KEPT_S)
            await pipe.execute()
