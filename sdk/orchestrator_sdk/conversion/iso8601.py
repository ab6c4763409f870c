"""Durations and times as RFC 3339 and ISO 8601 write them."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TypeVar

T = TypeVar("T", datetime, time)

_FRACTION = re.compile(r"\.(\d+)")
_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def parse_moment(cls: type[T], text: str) -> T:
    """A time of day or a moment; Python 3.10 reads neither Z nor any number of digits. Raises ValueError."""
    text = _FRACTION.sub(lambda found: f".{found[1][:6]:0<6}", text)
    return cls.fromisoformat(f"{text[:-1]}+00:00" if text[-1:] in ("Z", "z") else text)


def parse_duration(text: str) -> timedelta:
    """A duration such as ``P1DT2H30M`` or ``-PT0.5S``; months and years have no length. Raises ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None or text[-1] in "PT":
        raise ValueError(f"{text!r} is no duration")
    parts = found.groupdict()
    is_negative = bool(parts.pop("sign"))
    duration = timedelta(**{unit: float(number) for unit, number in parts.items() if number})
    return -duration if is_negative else duration


def format_duration(duration: timedelta) -> str:
    """The duration in days and seconds: ``P1DT9000S``, ``-PT0.5S``."""
    size = abs(duration)
    fraction = f".{size.microseconds:06}".rstrip("0") if size.microseconds else ""
    days = f"{size.days}D" if size.days else ""
    seconds = f"T{size.seconds}{fraction}S" if size.seconds or fraction or not days else ""
    return f"{'-' if duration != size else ''}P{days}{seconds}"
