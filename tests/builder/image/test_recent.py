from __future__ import annotations

from orchestrator.builder.image.recent import MOST, Recent


def test_the_newest_are_known() -> None:
    recent: Recent[int] = Recent()
    for number in range(MOST + 1):
        recent[number] = number
    assert (recent[0], recent[1], recent[MOST], recent["other"]) == (None, 1, MOST, None)


def test_what_is_made_again_is_new_again() -> None:
    recent: Recent[int] = Recent()
    for number in (*range(MOST), 0, MOST):
        recent[number] = number
    assert (recent[0], recent[1]) == (0, None)
