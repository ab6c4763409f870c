from __future__ import annotations

import json

import pytest

from orchestrator.api import render
from orchestrator.core.runs.events import ErrorReported, ResultReported
from orchestrator.core.runs.run import FailedChild, Failure, FailureClass, Run
from orchestrator.store.runs.store import Stored
from tests.core.sample_runs import a_run, a_running_run, after

BOOM = Failure(FailureClass.ERROR, "boom", "ValueError", "line 3", retryable=False)


def details(run: Run, result: str | None = None) -> dict[str, object]:
    return dict(json.loads(render.details(Stored(run, "[1]", result), "maths")))


@pytest.mark.parametrize(
    ("result", "results", "is_list"), [("4", [4], False), ("[4]", [4], True), ("null", [None], False), ("[]", [], True)]
)
def test_whatever_is_no_list_is_the_only_result(result: str, results: list[object], is_list: bool) -> None:
    shown = details(after(a_running_run(), ResultReported()), result)
    assert (shown["results"], shown["resultIsList"], shown["input"]) == (results, is_list, [1])


@pytest.mark.parametrize("result", ["[[1,2]]", "[]"])
def test_what_typescript_puts_its_results_into_is_not_the_result(result: str) -> None:
    shown = details(after(a_running_run(), ResultReported(is_boxed=True)), result)
    assert (shown["results"], shown["resultIsList"]) == (json.loads(result), False)


def test_a_failed_run_says_why() -> None:
    shown = details(after(a_running_run(), ErrorReported(BOOM)))
    assert (shown["status"], shown["error"], shown["results"]) == ("failed", "boom", [])
    assert shown["failure"] == {"class": "error", "message": "boom", "type": "ValueError", "traceback": "line 3"}


def test_an_error_without_a_message_is_not_empty() -> None:
    assert render.error(Failure(FailureClass.ERROR, "", "KeyError")) == "KeyError"
    assert render.error(Failure(FailureClass.EXIT, "")) == "the task failed: exit"


def test_a_run_of_a_deleted_workflow_has_no_slug() -> None:
    assert render.task_run(a_run(), None).task_slug is None
    assert render.task_run(a_run(), "maths").task_slug == "maths/square"


def test_an_attempt_shows_once_it_was_started() -> None:
    assert render.task_run(a_run(), None).attempts == []
    assert [one.attempt for one in render.task_run(a_running_run(), None).attempts] == [0]


def test_a_failure_that_came_from_a_chained_run_names_it() -> None:
    shown = render.failure(
        Failure(FailureClass.ERROR, "no", "TaskRunError", child=FailedChild("trn-2", "charge", "KeyError"))
    )
    assert shown is not None
    assert (shown.child_task_run_id, shown.child_task, shown.child_type) == ("trn-2", "charge", "KeyError")
