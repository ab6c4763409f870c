from __future__ import annotations

import pytest

from orchestrator.api.live.took import Took, by_interval, by_task, percentile, took
from orchestrator.core.runs.summary import Summary


def row(
    task: str = "charge", *, ended_ms: int = 100, started_ms: int | None = 30, status: str = "completed"
) -> Summary:
    return Summary("trn-1", "trn-1", "wfl-1", task, status, 10, started_at_ms=started_ms, completed_at_ms=ended_ms)


@pytest.mark.parametrize(
    ("values", "percent", "expected"), [([], 50, None), ([7], 95, 7), ([1, 2, 3, 4], 50, 2), (range(1, 101), 95, 95)]
)
def test_a_percentile_is_one_of_the_values(values: list[int], percent: int, expected: int | None) -> None:
    assert percentile(values, percent) == expected


def test_of_runs_it_is_said_how_many_failed_and_how_long_they_took_and_waited() -> None:
    rows = [row(ended_ms=130), row(ended_ms=230, status="failed"), row(started_ms=None, status="failed")]
    assert took(rows) == Took(runs=3, failed=2, p50_ms=100, p95_ms=200, waited_p95_ms=20)


def test_tasks_are_told_apart() -> None:
    assert {task: one.runs for task, one in by_task([row("b"), row("a"), row("b")]).items()} == {"a": 1, "b": 2}


def test_each_interval_has_those_that_ended_in_it_and_none_is_left_out() -> None:
    rows = [row(ended_ms=ended_ms) for ended_ms in (99, 100, 149, 150, 250)]
    assert {start: one.runs for start, one in by_interval(rows, range(100, 250, 50)).items()} == {
        100: 2,
        150: 1,
        200: 0,
    }
