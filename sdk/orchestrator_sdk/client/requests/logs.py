from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from orchestrator_sdk.client.models import LogLine
from orchestrator_sdk.client.requests.request import Page, Request, following, present, segment

LOG_PAGE_SIZE: Final = 1000


def logs(
    run_id: str, attempt: int | None = None, *, live: bool = False, page_size: int = LOG_PAGE_SIZE
) -> Request[Page[LogLine]]:
    """What the run has printed so far; with `live`, who follows it is told of lines that are only begun."""
    params = present({"attempt": attempt, "live": "true" if live else None})
    return _lines(f"/task-runs/{segment(run_id)}/logs", params, page_size)


def tree_logs(run_id: str, *, page_size: int = LOG_PAGE_SIZE) -> Request[Page[LogLine]]:
    """What the run and all below it have printed so far, by time."""
    return _lines(f"/task-runs/{segment(run_id)}/tree/logs", {}, page_size)


def version_logs(version_id: str, *, page_size: int = LOG_PAGE_SIZE) -> Request[Page[LogLine]]:
    """What building the version has printed so far."""
    return _lines(f"/workflowversions/{segment(version_id)}/logs", {}, page_size)


def _lines(path: str, params: Mapping[str, Any], page_size: int) -> Request[Page[LogLine]]:
    def read(answer: Any) -> Page[LogLine]:
        lines = [LogLine.parse(line) for line in answer]
        cursor = lines[-1].cursor if lines else ""
        return Page(lines, following(request, cursor, is_full=len(lines) == page_size))

    request = Request("GET", path, read, {**params, "limit": page_size})
    return request
