from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.cli.views import times


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.00 s"), (0.42, "0.42 s"), (9.999, "10.0 s"), (59.9, "59.9 s"), (192, "3 min 12 s"), (7300, "2 h 1 min")],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert times.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "just now"), (40, "40 s ago"), (200, "3 min ago"), (7300, "2 h ago"), (500_000, "5 d ago")],
)
def test_moments_are_told_from_now(seconds: float, text: str) -> None:
    now = datetime(2026, 1, 10, tzinfo=UTC)
    assert times.ago((now - timedelta(seconds=seconds)).isoformat(), now) == text


def test_a_run_that_has_not_started_took_no_time() -> None:
    assert times.run_time({"status": "pending"}) == ""
