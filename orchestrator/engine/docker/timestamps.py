"""Docker's timestamps as integers: a float of seconds would lose the nanoseconds that order log lines."""

from __future__ import annotations

from calendar import timegm
from functools import lru_cache
from typing import Final

SECOND_NS: Final = 1_000_000_000
_SECONDS_END: Final = len("2006-01-02T15:04:05")
_FIXED_LENGTH: Final = len("2006-01-02T15:04:05.000000000Z")


def parse_timestamp_ns(text: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 timestamp: ``1970-01-01T00:00:01.5Z`` is 1,500,000,000.

    Negative before 1970; Docker writes the year 1 for "never". Raises ValueError.
    """
    seconds_ns = _second_ns(text[:_SECONDS_END])
    if len(text) == _FIXED_LENGTH and text[-1] == "Z":
        return seconds_ns + int(text[_SECONDS_END + 1 : -1])
    fraction, offset_s = _split_tail(text[_SECONDS_END:])
    return seconds_ns + int(fraction.ljust(9, "0")[:9]) - offset_s * SECOND_NS


@lru_cache(maxsize=64)
def _second_ns(text: str) -> int:
    """The whole second; cached because neighbouring log lines share it."""
    date, _, clock = text.partition("T")
    year, month, day = (int(part) for part in date.split("-"))
    hour, minute, second = (int(part) for part in clock.split(":"))
    return timegm((year, month, day, hour, minute, second)) * SECOND_NS


def _split_tail(tail: str) -> tuple[str, int]:
    """``.25+02:00`` → ("25", 7200)."""
    if tail.endswith("Z"):
        return tail[1:-1] or "0", 0
    sign = 1 if tail[-6:-5] == "+" else -1
    hours, minutes = tail[-5:].split(":")
    return tail[1:-6] or "0", sign * (int(hours) * 3600 + int(minutes) * 60)
