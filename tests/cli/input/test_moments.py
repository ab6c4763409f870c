from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orchestrator.cli.errors import CliError
from orchestrator.cli.input.moments import moment

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("30s", datetime(2026, 1, 31, 11, 59, 30, tzinfo=UTC)),
        ("10 m", datetime(2026, 1, 31, 11, 50, tzinfo=UTC)),
        ("2h", datetime(2026, 1, 31, 10, 0, tzinfo=UTC)),
        ("1w", datetime(2026, 1, 24, 12, 0, tzinfo=UTC)),
        ("2026-01-30T10:00:00Z", datetime(2026, 1, 30, 10, 0, tzinfo=UTC)),
        ("2026-01-30T10:00+02:00", datetime(2026, 1, 30, 8, 0, tzinfo=UTC)),
    ],
)
def test_an_age_or_a_time_is_a_moment(text: str, at: datetime) -> None:
    assert moment(text, NOW) == at


def test_a_time_without_a_zone_is_this_machine_s() -> None:
    assert moment("2026-01-30T10:00") == datetime(2026, 1, 30, 10, 0).astimezone(UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "10", "-5m", "10y", "0001-01-01T00:00+14:00"])
def test_anything_else_is_refused_with_what_can_be_given(text: str) -> None:
    with pytest.raises(CliError, match="is no time"):
        moment(text)
