"""Moments as people give them: how long ago, or when."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError

_AGO: Final = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str | None, now: datetime) -> datetime | None:
    """The moment of ``30m``, ``2h``, ``7d`` ago, or of a date or time in ISO 8601, in this machine's zone. Raises CliError."""
    if text is None:
        return None
    if ago := _AGO.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except ValueError as error:
        hint = "give how long ago, as 30m, 2h or 7d, or when, as 2026-03-04 or 2026-03-04T10:00"
        raise CliError(f"{text!r} is no time: {error}", hint, exit_codes.USAGE) from error
