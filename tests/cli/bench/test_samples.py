from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.cli.bench.samples import Report, Series, percentile

VALUES = st.lists(st.floats(0, 1e6), min_size=1, max_size=50)


@given(values=VALUES)
def test_half_of_the_values_do_not_exceed_the_median(values: list[float]) -> None:
    assert percentile(values, 50) == pytest.approx(statistics.median(values))


@given(values=VALUES, low=st.floats(0, 100), high=st.floats(0, 100))
def test_percentiles_grow_and_stay_within_what_was_measured(values: list[float], low: float, high: float) -> None:
    below, above = (percentile(values, percent) for percent in sorted((low, high)))
    assert min(values) <= below <= above + 1e-9
    assert above <= max(values) + 1e-9


def test_between_two_values_lies_a_straight_line() -> None:
    assert percentile([10, 20, 30], 75) == 25


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 50)


def test_a_ratio_is_that_of_the_medians() -> None:
    plain, ours = Series("plain", "ms", (300, 400, 500)), Series("ours", "ms", (20, 100), beside="plain")
    report = Report((plain, ours), {}, {})
    assert (report.ratio(ours), report.ratio(plain)) == (0.15, None)


def test_what_is_compared_with_something_that_was_not_measured_has_no_ratio() -> None:
    alone = Series("ours", "ms", (20,), beside="plain")
    assert Report((alone,), {}, {}).ratio(alone) is None


def test_the_document_has_every_series_with_its_percentiles_and_what_it_was_compared_with() -> None:
    report = Report((Series("a", "ms", (1, 3)), Series("b", "ms", (4,), beside="a")), {"CPUs": "2"}, {"containers": 0})
    assert report.as_json() == {
        "notes": {"CPUs": "2"},
        "leaks": {"containers": 0},
        "series": [
            {"name": "a", "unit": "ms", "samples": 2, "p50": 2, "p95": 2.9, "p99": 2.98},
            {"name": "b", "unit": "ms", "samples": 1, "p50": 4, "p95": 4, "p99": 4, "beside": "a", "ratio": 2},
        ],
    }
