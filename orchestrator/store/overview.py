"""What the store says of the instance as a whole, by few questions."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.store import keys
from orchestrator.store.connection import Client


class Overview:
    """Asks them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def pending(self, task_ids: Sequence[str]) -> list[int]:
        """How many runs of each task are pending."""
        async with self._client.pipeline(transaction=False) as pipe:
            for task_id in task_ids:
                pipe.zcard(f"{keys.runs_by('task', task_id)}:pending")
            return list(await pipe.execute()) if task_ids else []

    async def oldest_pending_id(self) -> str | None:
        """The pending run that was asked for first."""
        found = await self._client.zrange(f"{keys.RUNS}:pending", 0, 0)
        return found[0] if found else None

    async def leader(self) -> str | None:
        """Who schedules, or did when the lease was last held."""
        found: str | None = await self._client.hget(keys.LEASE, "owner")
        return found
