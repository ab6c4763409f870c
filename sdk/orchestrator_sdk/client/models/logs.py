from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orchestrator_sdk.client.models.reading import Json, time


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that an attempt printed; `stream` is stdout, stderr or system. `run_id` and `task` are of lines of a tree."""

    timestamp: datetime | None
    attempt: int
    stream: str
    message: str
    cursor: str
    run_id: str = ""
    task: str = ""

    @classmethod
    def parse(cls, json: Json) -> LogLine:
        """From the API's JSON."""
        return cls(
            timestamp=time(json, "timestamp"),
            attempt=json.get("attempt", 0),
            stream=json.get("stream", "stdout"),
            message=json["message"],
            cursor=json.get("cursor") or "",
            run_id=json.get("taskRunId") or "",
            task=json.get("task") or "",
        )
