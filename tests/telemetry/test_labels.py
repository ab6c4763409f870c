from __future__ import annotations

from orchestrator.telemetry.labels import OTHER, Bounded


def test_the_first_values_are_told_apart_and_all_others_are_one() -> None:
    labels = Bounded(2)
    assert [labels.of("w", name) for name in "aba"] == [("w", "a"), ("w", "b"), ("w", "a")]
    assert labels.of("w", "c") == (OTHER, OTHER)
    assert labels.of("w", "b") == ("w", "b")
