from __future__ import annotations

import pytest

from orchestrator.core.scheduling import waits


@pytest.mark.parametrize(
    ("left_ms", "words"),
    [(3_240, "retry in 3.2 s"), (0, "retry in 0.0 s"), (-5, "retry in 0.0 s"), (150_000, "retry in 2 min")],
)
def test_between_two_attempts_it_says_how_long_it_still_is(left_ms: int, words: str) -> None:
    assert waits.retry(10_000 + left_ms, 10_000) == words
