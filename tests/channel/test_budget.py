from __future__ import annotations

from orchestrator.channel.budget import Bucket


def test_a_burst_is_allowed_once() -> None:
    bucket = Bucket(100, 10)
    assert bucket.take(100, now_s=1)
    assert not bucket.take(1, now_s=1)


def test_what_was_taken_comes_back_with_time_and_no_more_than_that() -> None:
    bucket = Bucket(100, 10)
    bucket.take(100, now_s=1)
    assert bucket.take(50, now_s=6)
    assert not bucket.take(101, now_s=1_000)


def test_a_debt_is_told_in_seconds() -> None:
    bucket = Bucket(100, 10)
    bucket.take(120, now_s=1)
    assert bucket.debt_s == 2
    bucket.take(0, now_s=3)
    assert bucket.debt_s == 0
