from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orchestrator_sdk.client.models.reading import Json, time


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that an attempt printed; `stream` is stdout, stderr or system. `run_id` and `task` are of lines of a tree.

    With `is_begun` it has not ended: what it is now, until the next line comes; nothing any more where it is empty.
    """

    timestamp: datetime | None
    attempt: int
    stream: str
    message: str
    cursor: str
    run_id: str = ""
    task: str = ""
    is_begun: bool = False

    @classmethod
    def parse(cls, json: Json, *, is_begun: bool = False) -> LogLine:
        """From the API's JSON."""
        return cls(
            timestamp=time(json, "timestamp"),
            attempt=json.get("attempt", 0),
            stream=json.get("stream", "stdout"),
            message=json["message"],
            cursor=json.get("cursor") or "",
            run_id=json.get("taskRunId") or "",
            task=json.get("task") or "",
            is_begun=is_begun,
        )
