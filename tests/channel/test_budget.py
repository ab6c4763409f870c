from __future__ import annotations

from orchestrator.channel.budget import BURST_BYTES, REFILL_BYTES_PER_S, Budget


def test_a_burst_is_allowed_once() -> None:
    budget = Budget()
    assert budget.spend(BURST_BYTES // 2, now_s=1)
    assert not budget.spend(BURST_BYTES // 2, now_s=1)


def test_what_was_spent_comes_back_with_time() -> None:
    budget = Budget()
    assert budget.spend(BURST_BYTES - 2048, now_s=1)
    assert budget.spend(REFILL_BYTES_PER_S - 2048, now_s=2)


def test_a_million_tiny_frames_are_not_free() -> None:
    budget = Budget()
    assert not all(budget.spend(1, now_s=1) for _ in range(1_000_000))
