from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from orchestrator.cli.bench.turns import Sample, TimeLimit, in_turns

NO_LIMIT = TimeLimit(float("inf"))


class Systems:
    """Two systems whose samples are numbered in the order in which they are taken."""

    def __init__(self) -> None:
        self.order: list[str] = []

    def sample(self, name: str) -> Sample:
        def take() -> Sequence[float]:
            self.order.append(name)
            return [float(len(self.order))]

        return take

    def named(self, *names: str) -> dict[str, Sample]:
        return {name: self.sample(name) for name in names}


def test_every_system_has_a_turn_in_every_round_and_the_order_changes() -> None:
    systems = Systems()
    taken = in_turns(systems.named("a", "b"), 3, NO_LIMIT)
    assert systems.order == ["a", "b", "b", "a", "a", "b"]
    assert taken == {"a": (1, 4, 5), "b": (2, 3, 6)}


def test_what_warms_up_is_not_counted() -> None:
    assert in_turns(Systems().named("a"), 2, NO_LIMIT, warm_ups=1) == {"a": (2, 3)}


def test_the_last_sample_s_work_is_over_before_the_next_begins() -> None:
    systems = Systems()
    in_turns(systems.named("a", "b"), 1, NO_LIMIT, settle=lambda: systems.order.append("settle"))
    assert systems.order == ["settle", "a", "settle", "b"]


def test_no_round_begins_when_the_time_is_over_and_the_one_under_way_is_finished() -> None:
    seconds = count()
    limit = TimeLimit(ends_at_s=1, now_s=lambda: next(seconds))
    assert in_turns(Systems().named("a", "b"), 5, limit) == {"a": (1,), "b": (2,)}


def test_a_system_without_samples_is_not_in_the_answer() -> None:
    assert in_turns(Systems().named("a"), 5, TimeLimit(ends_at_s=0, now_s=lambda: 1)) == {}
