from __future__ import annotations

from orchestrator_sdk.client.models import Json
from orchestrator_sdk.client.requests.request import Request, encode, present, segment


def pause(name: str, reason: str | None = None) -> Request[Json]:
    """Start no run of a workflow, or of one task (``workflow/task``, or its id), until it is resumed; what runs goes on."""
    return Request("POST", f"{_path(name)}/pause", lambda answer: answer, body=encode(present({"reason": reason})))


def resume(name: str) -> Request[Json]:
    """Start the runs of a workflow or task again."""
    return Request("POST", f"{_path(name)}/resume", lambda answer: answer, body="{}")


def _path(name: str) -> str:
    is_task = "/" in name or name.startswith("tsk-")
    return f"/tasks/{segment(name)}" if is_task else f"/workflows/{segment(name)}"
