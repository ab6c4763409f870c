"""What the API answers, in short."""

from __future__ import annotations

import json
from typing import Any


def run(run_id: str = "trn-1", status: str = "completed", **fields: Any) -> dict[str, Any]:
    """A run of quickstart/sum_squares(3, 4)."""
    return {
        "id": run_id,
        "taskId": "tsk-1",
        "taskSlug": "quickstart/sum_squares",
        "status": status,
        "createdAt": "2026-01-01T10:00:00.000Z",
        "startedAt": "2026-01-01T10:00:01.000Z",
        "completedAt": "2026-01-01T10:00:02.500Z",
        "parentTaskRunId": "",
        "rootTaskRunId": "trn-1",
        "retries": 0,
        "attempts": [{"attempt": 0, "status": status, "startedAt": "2026-01-01T10:00:01.000Z"}],
        "input": [3, 4],
        "results": [25] if status == "completed" else [],
        **fields,
    }


def version(status: str = "ready", **fields: Any) -> dict[str, Any]:
    """Version 1 of quickstart."""
    return {
        "id": "wfv-1",
        "workflowId": "wfl-1",
        "name": "v1",
        "status": status,
        "createdAt": "2026-01-01T10:00:00.000Z",
        "envVarKeys": [],
        "envVarRevision": 0,
        **fields,
    }


WORKFLOW = {
    "id": "wfl-1",
    "name": "quickstart",
    "slug": "quickstart",
    "buildConfig": {"repo": "/code/quickstart"},
    "createdAt": "2026-01-01T10:00:00.000Z",
    "updatedAt": "2026-01-01T10:00:00.000Z",
}
TASK = {
    "id": "tsk-1",
    "name": "sum_squares",
    "slug": "quickstart/sum_squares",
    "workflowId": "wfl-1",
    "workflowVersionId": "wfv-1",
    "createdAt": "2026-01-01T10:00:00.000Z",
    "plan": "standard",
    "parameters": [{"name": "a", "hasDefault": False, "type": "int"}, {"name": "b", "hasDefault": False}],
}


def log_stream(*messages: str, error: str = "", is_over: bool = True) -> str:
    """A version's log as server-sent events; the error comes last."""
    lines = [("system", text) for text in messages] + ([("stderr", error)] if error else [])
    events = [
        "event: log\ndata: " + json.dumps({"timestamp": None, "stream": stream, "message": text, "cursor": str(number)})
        for number, (stream, text) in enumerate(lines)
    ]
    return "\n\n".join([*events, *(["event: end\ndata: {}"] if is_over else []), ""]) + "\n"
