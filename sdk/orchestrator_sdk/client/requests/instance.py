from __future__ import annotations

from orchestrator_sdk.client.models import InstanceStatus
from orchestrator_sdk.client.requests.request import Request


def status() -> Request[InstanceStatus]:
    """How much the orchestrator has to do."""
    return Request("GET", "/status", InstanceStatus.parse)
