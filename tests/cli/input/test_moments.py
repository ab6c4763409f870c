from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.cli.errors import CliError
from orchestrator.cli.input.moments import since

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("30s", timedelta(seconds=30)),
        ("5m", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        (" 7 d ", timedelta(days=7)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_a_time_may_be_how_long_ago(text: str, ago: timedelta) -> None:
    assert since(text, NOW) == NOW - ago


def test_a_time_may_be_a_date_or_a_time_in_this_zone_or_another() -> None:
    assert since("2026-03-04T10:00:00+00:00", NOW) == NOW
    assert since("2026-03-04", NOW) == datetime(2026, 3, 4).astimezone()
    assert since(None, NOW) is None


@pytest.mark.parametrize("text", ["yesterday", "", "2 parsecs", "h"])
def test_what_is_no_time_is_refused_with_what_to_give(text: str) -> None:
    with pytest.raises(CliError, match="is no time"):
        since(text, NOW)
