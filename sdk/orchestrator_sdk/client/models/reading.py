"""Reading the API's JSON. Fields a newer server adds are left to `raw`, and optional ones may be missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orchestrator_sdk.conversion.iso8601 import parse_moment

Json = dict[str, Any]
"""A decoded JSON object."""


def time(json: Json, name: str) -> datetime | None:
    """An RFC 3339 time; None where there is none."""
    text = json.get(name)
    return parse_moment(datetime, text) if text else None
