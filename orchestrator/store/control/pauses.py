"""What is paused: workflows and tasks whose queued runs wait, whatever room there is; what runs goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass

from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator_runtime import json_text


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when, and why in somebody's words, which may be empty."""

    paused_at_ms: int
    reason: str = ""


class Pauses:
    """All of them, by the id of the workflow or task; the dispatcher reads them with the queue."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def all(self) -> dict[str, Pause]:
        """What is paused now."""
        found = await self._client.hgetall(keys.PAUSED)
        return {of: _parse(text) for of, text in found.items()}

    async def of(self, workflow_or_task_id: str) -> Pause | None:
        """Whether, since when and why it is paused."""
        text = await self._client.hget(keys.PAUSED, workflow_or_task_id)
        return None if text is None else _parse(text)

    async def pause(self, workflow_or_task_id: str, reason: str, *, now_ms: int) -> Pause:
        """Let it wait; what is paused already stays so since then, with the new reason. Safe to repeat."""
        known = await self.of(workflow_or_task_id)
        pause = Pause(known.paused_at_ms if known else now_ms, reason)
        await self._client.hset(keys.PAUSED, workflow_or_task_id, json_text.dumps([pause.paused_at_ms, pause.reason]))
        return pause

    async def resume(self, workflow_or_task_id: str) -> bool:
        """Let it go on; whether it was paused."""
        return bool(await self._client.hdel(keys.PAUSED, workflow_or_task_id))


def _parse(text: str) -> Pause:
    paused_at_ms, reason = json.loads(text)
    return Pause(paused_at_ms, reason)
