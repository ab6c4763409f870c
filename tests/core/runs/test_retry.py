from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.runs.retry import DEFAULT_RETRY, MAX_WAIT_MS, RetryPolicy


def test_the_default_waits_are_one_two_and_four_seconds() -> None:
    assert [DEFAULT_RETRY.wait_ms(retry) for retry in range(DEFAULT_RETRY.max_retries)] == [1000, 2000, 4000]


def test_a_factor_of_one_and_a_half_gives_the_documented_waits() -> None:
    policy = RetryPolicy(3, 1000, 1.5)
    assert [policy.wait_ms(retry) for retry in range(3)] == [1000, 1500, 2250]


@given(st.builds(RetryPolicy, st.integers(0, 1000), st.integers(0, 10**8), st.floats(0, 100)), st.integers(0, 1000))
def test_no_wait_is_negative_or_longer_than_a_day(policy: RetryPolicy, retry: int) -> None:
    assert 0 <= policy.wait_ms(retry) <= MAX_WAIT_MS


def test_a_wait_beyond_all_numbers_is_a_day_and_none_stays_none() -> None:
    assert RetryPolicy(1000, 17, 20.0).wait_ms(236) == MAX_WAIT_MS
    assert RetryPolicy(1000, 17, 20.0).wait_ms(1000) == MAX_WAIT_MS
    assert RetryPolicy(1000, 0, 20.0).wait_ms(1000) == 0
