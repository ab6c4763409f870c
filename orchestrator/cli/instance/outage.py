"""An orchestrator that is away for a while, as in a restart."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from orchestrator_sdk.errors import APIError, ConnectionError

OUTAGE_S: Final = 60.0
"""How long it may be away while something is watched: that goes on, and is there when it is back."""

_AWAY: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


def is_outage(error: APIError) -> bool:
    """Whether the orchestrator is away, and may be back in a moment."""
    return isinstance(error, ConnectionError) or error.status in _AWAY
