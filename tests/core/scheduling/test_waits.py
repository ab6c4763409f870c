from __future__ import annotations

import pytest

from orchestrator.core.plans import GIB
from orchestrator.core.scheduling import waits
from orchestrator.core.scheduling.capacity import Amount
from orchestrator.core.scheduling.dispatch import Hindrance, Lack


@pytest.mark.parametrize(
    ("left_ms", "words"),
    [(3_240, "retry in 3.2 s"), (0, "retry in 0.0 s"), (-5, "retry in 0.0 s"), (150_000, "retry in 2 min")],
)
def test_between_two_attempts_it_says_how_long_it_still_is(left_ms: int, words: str) -> None:
    assert waits.retry(10_000 + left_ms, 10_000) == words


TAKEN = Amount(1_750, 7 * GIB, 1_024)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Hindrance(Lack.CPU, TAKEN), "1.75 of 2 CPUs are reserved"),
        (Hindrance(Lack.MEMORY, TAKEN), "7 GiB of 8 GiB of memory are reserved"),
        (Hindrance(Lack.PROCESSES, TAKEN), "1,024 of 2,048 processes are reserved"),
        (Hindrance(Lack.STARTS, TAKEN, 6), "6 other containers are being started"),
        (Hindrance(Lack.DISK, TAKEN), "the disk is nearly full"),
        (Hindrance(Lack.HOST_MEMORY, TAKEN), "the host is short of memory"),
    ],
)
def test_what_keeps_the_next_run_waiting_is_said_with_its_numbers(found: Hindrance, words: str) -> None:
    assert waits.hindrance(found, Amount(2_000, 8 * GIB, 2_048)) == words


@pytest.mark.parametrize(
    ("why", "ahead", "words"),
    [
        ("no room", 14, "no room, 14 ahead"),
        ("no room", 0, "no room"),
        (None, 2, "its turn, 2 ahead"),
        (None, 0, "its turn"),
    ],
)
def test_in_the_queue_it_says_how_many_are_ahead(why: str | None, ahead: int, words: str) -> None:
    assert waits.turn(why, ahead) == words
