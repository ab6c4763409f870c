"""The verdict: what was asked for against what is seen from outside afterwards; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tests.chaos.load import WAITS_MS, Expected, Planned, expected

TERMINAL: Final = frozenset({"completed", "failed", "canceled"})
CLOCK_MS: Final = 2
"""Times on the wire are rounded."""
BAD: Final = (
    "lost",
    "double outcomes",
    "wrong results",
    "wrong attempts",
    "orphans",
    "timers early",
    "timers forgotten",
)

Shown = Mapping[str, Any]
"""A run as the API shows it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen: `acknowledged` is the run's id by the plan's key, `changes` the feed as (run, status)."""

    planned: Sequence[Planned]
    acknowledged: Mapping[str, str]
    runs: Sequence[Shown]
    changes: Sequence[tuple[str, str]]
    left: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Figures, and for each bad one what it is made of."""

    figures: Mapping[str, int]
    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether all that was asked for was acknowledged and ended, and no bad figure is above 0."""
        ended = self.figures["submitted"] == self.figures["acknowledged"] and not self.figures["not ended"]
        return ended and not any(self.figures[name] for name in BAD)


def check(evidence: Evidence) -> Report:
    """Judge."""
    by_id = {run["id"]: run for run in evidence.runs}
    findings = {
        "lost": tuple(_lost(evidence, by_id)),
        "double outcomes": tuple(_doubles(evidence)),
        "wrong results": tuple(_wrong_results(evidence, by_id)),
        "wrong attempts": tuple(_wrong_attempts(evidence.runs)),
        "orphans": tuple(evidence.left),
        "timers early": tuple(_early(evidence.runs)),
        "timers forgotten": tuple(run["id"] for run in evidence.runs if "retryAt" in run),
    }
    figures = {
        "submitted": len(evidence.planned),
        "acknowledged": len(evidence.acknowledged),
        "runs": len(evidence.runs),
        "terminal": sum(run["status"] in TERMINAL for run in evidence.runs),
        "not ended": sum(run["status"] not in TERMINAL for run in evidence.runs),
        "infra failures": sum(_class(attempt) == "infra" for run in evidence.runs for attempt in run["attempts"]),
        **{name: len(found) for name, found in findings.items()},
    }
    return Report(figures, findings)


def _lost(evidence: Evidence, by_id: Mapping[str, Shown]) -> Iterator[str]:
    for key, run_id in evidence.acknowledged.items():
        if run_id not in by_id:
            yield f"{key}: {run_id} was acknowledged and is gone"
        elif by_id[run_id]["status"] not in TERMINAL:
            yield f"{key}: {run_id} is {by_id[run_id]['status']} for ever"


def _doubles(evidence: Evidence) -> Iterator[str]:
    asked = set(evidence.acknowledged.values())
    for run in evidence.runs:
        if not run["parentTaskRunId"] and run["id"] not in asked:
            yield f"{run['id']}: nobody asked for it, or somebody twice"
        if sum(attempt["status"] == "completed" for attempt in run["attempts"]) > 1:
            yield f"{run['id']}: two attempts completed"
    ended: set[str] = set()
    for run_id, status in evidence.changes:
        if run_id in ended:
            yield f"{run_id}: became {status} after its end"
        if status in TERMINAL:
            ended.add(run_id)


def _wrong_results(evidence: Evidence, by_id: Mapping[str, Shown]) -> Iterator[str]:
    children = Counter((run["parentTaskRunId"], run.get("parentTaskAttempt")) for run in evidence.runs)
    for run in evidence.runs:
        wanted = _expected(run)
        allowed = {wanted.status} | ({"canceled"} if _is_abandoned(run, by_id) else set())
        if run["status"] not in allowed:
            yield f"{run['id']} ({run['task']}) {run['status']} instead of {wanted.status}: {run.get('failure')}"
        elif run["status"] == "completed":
            if tuple(run["results"]) != wanted.results:
                yield f"{run['id']} ({run['task']}): {run['results']} instead of {list(wanted.results)}"
            called = children[run["id"], run["attempts"][-1]["attempt"]]
            if called != wanted.children:
                yield f"{run['id']} ({run['task']}): {called} children instead of {wanted.children}"


def _is_abandoned(run: Shown, by_id: Mapping[str, Shown]) -> bool:
    """Whether it was called by an attempt that did not succeed: then it may be canceled, or have been faster."""
    parent = by_id.get(run["parentTaskRunId"])
    if parent is None:
        return False
    return not any(
        attempt["attempt"] == run.get("parentTaskAttempt") and attempt["status"] == "completed"
        for attempt in parent["attempts"]
    )


def _wrong_attempts(runs: Sequence[Shown]) -> Iterator[str]:
    for run in runs:
        wanted, classes = _expected(run), [_class(attempt) for attempt in run["attempts"]]
        for attempt, cls in zip(run["attempts"], classes, strict=True):
            allowed = {"infra", "canceled", "error" if attempt["attempt"] < wanted.fails_before else "completed"}
            if cls not in allowed:
                message = (attempt.get("failure") or {}).get("message", "")
                yield f"{run['id']} ({run['task']}): attempt {attempt['attempt']} is {cls}: {message}"
        if run["status"] == "completed" and classes.count("completed") != 1:
            yield f"{run['id']} ({run['task']}): completed by {classes.count('completed')} attempts"
        if run["status"] == "failed" and classes.count("error") != wanted.charged:
            yield f"{run['id']} ({run['task']}): {classes.count('error')} failures charged instead of {wanted.charged}"


def _early(runs: Sequence[Shown]) -> Iterator[str]:
    for run in runs:
        if run["task"] not in WAITS_MS:
            continue
        first_ms, factor = WAITS_MS[run["task"]]
        wait_ms = float(first_ms)
        for before, after in zip(run["attempts"], run["attempts"][1:], strict=False):
            if _class(before) == "error":
                waited_ms = _ms(after["startedAt"]) - _ms(before["completedAt"])
                if waited_ms < wait_ms - CLOCK_MS:
                    yield f"{run['id']}: attempt {after['attempt']} after {waited_ms:.0f} ms instead of {wait_ms:.0f}"
                wait_ms *= factor


def _expected(run: Shown) -> Expected:
    return expected(run["task"], run["input"])


def _class(attempt: Shown) -> str:
    return str((attempt.get("failure") or {}).get("class", attempt["status"]))


def _ms(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp() * 1000
