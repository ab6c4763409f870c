"""Each has its own allowance, which grows with time up to a burst."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.allowance import Allowance, Limits


def test_a_burst_may_be_as_long_as_two_seconds_ask_for_and_what_follows_has_to_wait() -> None:
    allowance = Allowance(Limits(requests_per_s=10), at_s=100)
    assert [allowance.take(100) for _ in range(20)] == [0.0] * 20
    assert allowance.take(100) == pytest.approx(0.1)
    assert allowance.take(100.125) == 0.0
    assert allowance.take(100.125) == pytest.approx(0.075)


def test_a_rate_below_one_allows_the_first_request() -> None:
    allowance = Allowance(Limits(requests_per_s=0.1), at_s=0)
    assert allowance.take(0) == 0.0
    assert allowance.take(0) == pytest.approx(10)


@given(st.lists(st.floats(0, 5), max_size=50))
def test_no_more_than_the_rate_and_one_burst_are_allowed_whenever_they_come(pauses_s: list[float]) -> None:
    allowance, now_s, allowed = Allowance(Limits(requests_per_s=3), at_s=0), 0.0, 0
    for pause_s in pauses_s:
        now_s += pause_s
        while not allowance.take(now_s):
            allowed += 1
        assert allowed <= 3 * (now_s + 2) + 1e-6


def test_who_has_asked_for_nothing_lately_can_be_forgotten() -> None:
    allowance = Allowance(Limits(requests_per_s=10), at_s=0)
    assert allowance.is_untouched(0)
    allowance.take(0)
    assert not allowance.is_untouched(0)
    assert allowance.is_untouched(0.2)
    allowance.open_requests = 1
    assert not allowance.is_untouched(10)
