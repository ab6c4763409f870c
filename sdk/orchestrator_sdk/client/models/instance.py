from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator_sdk.client.models.reading import Json


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """How much an orchestrator has to do: runs waiting for capacity, and runs in progress. `info` is for people."""

    version: str
    queued: int
    active: int
    info: Mapping[str, str]
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def parse(cls, json: Json) -> InstanceStatus:
        """From the API's JSON."""
        return cls(
            version=json.get("version") or "",
            queued=json["queued"],
            active=json["active"],
            info=json.get("info") or {},
            raw=json,
        )
