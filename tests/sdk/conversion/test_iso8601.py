from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from orchestrator_sdk.conversion.iso8601 import format_duration, parse_duration, parse_moment


@pytest.mark.parametrize("text", ["2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.500000000+00:00"])
def test_a_moment_may_end_in_z_and_have_any_number_of_digits(text: str) -> None:
    assert parse_moment(datetime, text) == datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC)


def test_a_time_of_day_is_one_too() -> None:
    assert parse_moment(time, "03:04") == time(3, 4)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P1DT2H30M", timedelta(days=1, hours=2, minutes=30)),
        ("-PT0.5S", timedelta(seconds=-0.5)),
        ("P2W", timedelta(weeks=2)),
        ("PT0S", timedelta()),
    ],
)
def test_a_duration_is_read_and_written_back(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "P1M", "1D", "P1.5D"])
def test_what_has_no_length_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)
