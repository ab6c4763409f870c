"""Moments as people give them: an age such as ``10m``, or a time such as ``2026-01-31T12:00``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError

_AGE: Final = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment(text: str, now: datetime | None = None) -> datetime:
    """That moment; a time without a zone is this machine's. Raises CliError."""
    if found := _AGE.fullmatch(text.strip()):
        return (now or datetime.now(UTC)) - timedelta(seconds=int(found[1]) * _UNIT_S[found[2]])
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "give an age, such as 10m or 2h, or a time, such as 2026-01-31T12:00"
        raise CliError(f"'{text}' is no time", hint, exit_codes.USAGE) from None
