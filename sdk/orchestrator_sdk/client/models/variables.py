from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from orchestrator_sdk.client.models.reading import Json, time


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a workflow's tasks see: its name, and when it got its value, which is never shown."""

    name: str
    updated_at: datetime | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def parse(cls, json: Json) -> Variable:
        """From the API's JSON."""
        return cls(name=json["key"], updated_at=time(json, "updatedAt"), raw=json)
