"""Operations on many runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from orchestrator_sdk.client.models.reading import Json, time


@dataclass(frozen=True, slots=True)
class Operation:
    """`matched` runs in all, of which `done` went well and `failed` not, the latest for `error`.

    `status` is running, completed or stopped. `is_limited`: more runs matched, and are left alone.
    """

    id: str
    action: str
    status: str
    matched: int
    done: int
    failed: int
    is_limited: bool
    error: str | None
    created_at: datetime | None
    completed_at: datetime | None
    raw: Json = field(repr=False, compare=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done."""
        return self.status != "running"

    @classmethod
    def parse(cls, json: Json) -> Operation:
        """From the API's JSON."""
        return cls(
            id=json["id"],
            action=json.get("action") or "",
            status=json.get("status") or "",
            matched=json.get("matched") or 0,
            done=json.get("done") or 0,
            failed=json.get("failed") or 0,
            is_limited=bool(json.get("isLimited")),
            error=json.get("error") or None,
            created_at=time(json, "createdAt"),
            completed_at=time(json, "completedAt"),
            raw=json,
        )
