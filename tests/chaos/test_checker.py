"""The checker sees what is planted, and nothing in a good round."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checker import BAD, Evidence, check
from tests.chaos.load import Planned

BEGIN = "2026-01-01T00:00:0"


def attempt(number: int, status: str = "completed", failure: str = "", at_s: float = 0.0) -> dict[str, Any]:
    times = {"startedAt": f"{BEGIN}{at_s:.3f}+00:00", "completedAt": f"{BEGIN}{at_s + 0.5:.3f}+00:00"}
    return {"attempt": number, "status": status, **times, **({"failure": {"class": failure}} if failure else {})}


def shown(run_id: str, task: str, given: list[int], **fields: Any) -> dict[str, Any]:
    run = {"id": run_id, "task": task, "input": given, "status": "completed", "parentTaskRunId": ""}
    return {**run, "attempts": [attempt(0)], "results": [], **fields}


GOOD = Evidence(
    planned=[Planned("a", 0, "square", (3,)), Planned("b", 0, "chain", (1,)), Planned("c", 0, "works_from", (1,))],
    acknowledged={"a": "A", "b": "B", "c": "C"},
    runs=[
        shown("A", "square", [3], results=[9]),
        shown("B", "chain", [1], results=[1]),
        shown("D", "chain", [0], results=[0], parentTaskRunId="B", parentTaskAttempt=0),
        shown("C", "works_from", [1], results=[1], attempts=[attempt(0, "failed", "error"), attempt(1, at_s=1.0)]),
    ],
    changes=[("A", "pending"), ("A", "running"), ("A", "completed")],
)


def with_run(run_id: str, **fields: Any) -> Evidence:
    return replace(GOOD, runs=[{**run, **fields} if run["id"] == run_id else run for run in GOOD.runs])


def test_a_good_round_has_no_bad_figure() -> None:
    report = check(GOOD)
    assert {name: found for name, found in report.findings.items() if found} == {}
    assert report.is_good


@pytest.mark.parametrize(
    ("planted", "figure"),
    [
        (replace(GOOD, runs=GOOD.runs[1:]), "lost"),
        (with_run("A", status="running"), "lost"),
        (replace(GOOD, changes=[*GOOD.changes, ("A", "failed")]), "double outcomes"),
        (replace(GOOD, changes=[*GOOD.changes, ("A", "running")]), "double outcomes"),
        (replace(GOOD, runs=[*GOOD.runs, shown("X", "square", [3], results=[9])]), "double outcomes"),
        (with_run("A", results=[8]), "wrong results"),
        (with_run("A", status="failed"), "wrong results"),
        (replace(GOOD, runs=[run for run in GOOD.runs if run["id"] != "D"]), "wrong results"),
        (with_run("A", attempts=[attempt(0, "failed", "exit"), attempt(1)]), "wrong attempts"),
        (with_run("A", attempts=[attempt(0), attempt(1)]), "wrong attempts"),
        (with_run("C", attempts=[attempt(0)]), "wrong attempts"),
        (replace(GOOD, left=["container x"]), "orphans"),
        (
            with_run("C", attempts=[attempt(0, "failed", "error"), attempt(1, at_s=0.6)]),
            "timers early",
        ),
        (with_run("C", status="pending", retryAt=f"{BEGIN}1Z"), "timers forgotten"),
    ],
)
def test_what_is_planted_is_found(planted: Evidence, figure: str) -> None:
    report = check(planted)
    assert report.figures[figure] > 0
    assert not report.is_good


def test_what_was_never_acknowledged_is_no_good_round() -> None:
    report = check(replace(GOOD, planned=[*GOOD.planned, Planned("d", 0, "square", (1,))]))
    assert all(report.figures[name] == 0 for name in BAD)
    assert not report.is_good


def test_a_failure_of_ours_is_not_held_against_the_run() -> None:
    assert check(with_run("A", attempts=[attempt(0, "failed", "infra"), attempt(1)])).is_good


def test_a_child_of_a_lost_attempt_may_be_canceled() -> None:
    lost = with_run("B", attempts=[attempt(0, "failed", "infra"), attempt(1)]).runs
    again = shown("E", "chain", [0], results=[0], parentTaskRunId="B", parentTaskAttempt=1)
    runs = [{**run, "status": "canceled", "attempts": []} if run["id"] == "D" else run for run in lost]
    assert check(replace(GOOD, runs=[*runs, again])).is_good
