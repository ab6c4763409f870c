from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator_sdk.client.models.reading import Json


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """How much an orchestrator has to do: runs waiting for capacity, and runs in progress. `info` is for people.

    `source_limit_bytes` is how large the packed source of a deploy may be.
    """

    version: str
    queued: int
    active: int
    info: Mapping[str, str]
    source_limit_bytes: int
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def parse(cls, json: Json) -> InstanceStatus:
        """From the API's JSON."""
        return cls(
            version=json.get("version") or "",
            queued=json["queued"],
            active=json["active"],
            info=json.get("info") or {},
            source_limit_bytes=json.get("sourceLimitBytes") or 64 * 1024 * 1024,
            raw=json,
        )
