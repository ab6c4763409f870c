from __future__ import annotations

import pytest
from rich.console import Console

from orchestrator.cli.bench.samples import Report, Series
from orchestrator.cli.views import bench


@pytest.mark.parametrize(("value", "shown"), [(1.234, "1.23"), (12.34, "12.3"), (1234.5, "1,234")])
def test_numbers_have_the_digits_that_count(value: float, shown: str) -> None:
    assert bench.number(Series("a", "ms", (value,)), 50) == shown


def test_a_percentile_that_too_few_samples_cannot_show_is_left_out() -> None:
    few, enough = Series("a", "ms", (1.0,) * 19), Series("a", "ms", (1.0,) * 20)
    assert [bench.number(one, 99) for one in (few, enough)] == ["", "1.00"]


def test_a_row_says_what_it_was_compared_with() -> None:
    report = Report((Series("plain", "ms", (400,)), Series("ours", "ms", (20,), beside="plain")), {"CPUs": "2"}, {})
    console = Console(width=100)
    with console.capture() as captured:
        console.print(bench.table(report))
    (ours,) = [line for line in captured.get().splitlines() if "ours" in line]
    assert "0.05" in ours
    assert "plain" in ours


def test_what_stayed_behind_is_counted_by_kind() -> None:
    report = Report((), {}, {"containers": 0, "networks": 2})
    assert bench.leaks(report) == "left behind: containers 0, networks 2"
