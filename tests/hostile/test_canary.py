"""How runs of the canary are counted, and what kept the event loop."""

from __future__ import annotations

from tests.hostile.canary import Flight, percentile, recovered_s
from tests.hostile.watch import Stalls

METRICS = """orchestrator_event_loop_stall_seconds_count{culprit="a.b"} 3.0
orchestrator_event_loop_stall_seconds_sum{culprit="a.b"} 1.5
"""


def test_it_is_as_before_when_three_in_a_row_took_no_longer_than_usual() -> None:
    took_s = [5.0, 1.0, 5.0, 1.0, 1.0, 1.0]
    flights = [Flight(float(number), 0.1, took) for number, took in enumerate(took_s)]
    assert recovered_s(flights, 0.0, 2.0) == 3.0
    assert recovered_s(flights[:5], 0.0, 2.0) is None


def test_one_that_failed_is_no_sign_of_recovery() -> None:
    flights = [Flight(0.0, 0.1, 1.0, "refused"), *(Flight(float(number), 0.1, 1.0) for number in (1, 2, 3))]
    assert recovered_s(flights, 0.0, 2.0) == 1.0


def test_a_percentile_of_few_is_the_worst_of_them() -> None:
    assert (percentile([], 0.5), percentile([3, 1, 2], 0.5), percentile([3, 1, 2], 0.99)) == (0.0, 2, 3)


def test_stalls_are_those_since_before_the_longest_first() -> None:
    before = Stalls({"a.b": (1, 0.5)})
    assert Stalls.read(METRICS).since(before) == [("a.b", 2, 1.0)]
    assert Stalls.read(METRICS).since(Stalls.read(METRICS)) == []
