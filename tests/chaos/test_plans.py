"""Load and faults are the same for the same seed, and have everything in them."""

from __future__ import annotations

from tests.chaos.faults import Blow, Deed, Part, schedule
from tests.chaos.load import expected, plan, runs_of


def test_the_same_seed_is_the_same_round() -> None:
    assert plan(1, runs=500, duration_s=60) == plan(1, runs=500, duration_s=60) != plan(2, runs=500, duration_s=60)
    assert schedule(1, duration_s=60, parts=list(Part)) == schedule(1, duration_s=60, parts=list(Part))


def test_a_load_has_as_many_runs_as_asked_for_and_every_shape() -> None:
    planned = plan(3, runs=80, duration_s=30)
    assert sum(map(runs_of, planned)) >= 80
    tasks = {"square", "works_from", "fails", "chain", "fan_out"}
    assert tasks <= {one.task for one in planned}
    assert any(one.cancel_after_s is not None for one in planned)
    assert any(one.repeats for one in planned)
    assert len({one.key for one in planned}) == len(planned)


def test_what_is_canceled_is_exactly_what_never_ends_by_itself() -> None:
    for one in plan(4, runs=200, duration_s=30):
        assert (expected(one.task, one.input).status == "canceled") == (one.cancel_after_s is not None)


def test_every_part_is_killed_and_paused_before_any_again() -> None:
    faults = schedule(5, duration_s=120, parts=list(Part))
    assert {fault.blows[0] for fault in faults[:8]} == {Blow(part, deed) for part in Part for deed in Deed}
    assert any(len(fault.blows) == 2 for fault in faults)


def test_a_part_that_cannot_be_hit_is_left_alone() -> None:
    parts = [part for part in Part if part is not Part.DOCKERD]
    faults = schedule(6, duration_s=120, parts=parts)
    assert all(blow.part is not Part.DOCKERD for fault in faults for blow in fault.blows)
