"""Timestamps keep their nanoseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.engine.docker.timestamps import SECOND_NS, parse_timestamp_ns


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00.000000000Z", 0),
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("2024-02-29T23:59:59.123456789Z", 1_709_251_199_123_456_789),
        ("2024-02-29T23:59:59.1Z", 1_709_251_199_100_000_000),
        ("2024-03-01T01:59:59.123456789+02:00", 1_709_251_199_123_456_789),
        ("2024-02-29T18:29:59-05:30", 1_709_251_199_000_000_000),
    ],
)
def test_a_timestamp_is_exact(text: str, nanoseconds: int) -> None:
    assert parse_timestamp_ns(text) == nanoseconds


def test_dockers_never_is_before_1970() -> None:
    assert parse_timestamp_ns("0001-01-01T00:00:00Z") < 0


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)),
    st.integers(0, SECOND_NS - 1),
    st.integers(-12 * 60, 14 * 60),
)
def test_every_moment_is_read_as_it_was_written(moment: datetime, nanoseconds: int, offset_minutes: int) -> None:
    there = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset_minutes)))
    text = there.strftime("%Y-%m-%dT%H:%M:%S") + f".{nanoseconds:09}" + there.isoformat()[-6:]
    seconds = int((there - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    assert parse_timestamp_ns(text) == seconds * SECOND_NS + nanoseconds


@pytest.mark.parametrize("text", ["", "yesterday", "2024-02-29", "2024-02-29T23:59Z"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_timestamp_ns(text)
