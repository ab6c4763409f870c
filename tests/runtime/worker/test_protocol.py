"""The worker protocol's endpoints, one rule each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from orchestrator.core.tasks import check
from orchestrator_runtime import wire
from orchestrator_runtime.host import ChildFailed
from orchestrator_runtime.latch import Latch
from orchestrator_runtime.worker.http import Answer, Held, Request
from orchestrator_runtime.worker.protocol import Worker, as_results
from tests.runtime.worker.support import (
    ASSIGNED,
    FakeHost,
    ask,
    asked_for_input,
    child,
    decoded,
    encoded,
    input_answer,
    post,
    result_of,
)


def test_what_is_waited_for_is_rehearsed_and_nobody_hears_of_it(endpoints: Worker, host: FakeHost) -> None:
    host.given = None
    assert isinstance(input_answer(endpoints), Held)
    (rehearsal,) = host.timers
    assert rehearsal.call is not None
    rehearsal.call()
    assert (host.outcomes, host.waits) == ([], [])


def test_a_trace_is_told_beside_the_input_for_the_protocol_has_no_place_for_it(
    host: FakeHost, endpoints: Worker
) -> None:
    host.given = {**ASSIGNED, "traceparent": "00-a-b-01"}
    assert isinstance(answer := input_answer(endpoints), Answer)
    assert answer.headers == (("traceparent", "00-a-b-01"),)


def test_the_input_is_base64_of_the_arguments_with_the_runs_ids(endpoints: Worker) -> None:
    assert asked_for_input(endpoints) == {
        "task_name": "square",
        "input": encoded([3]),
        "task_run_id": "trn-1",
        "root_task_run_id": "trn-0",
        "attempt": 0,
        "parent_task_run_id": "trn-0",
    }


def test_a_root_run_has_no_parent(endpoints: Worker, host: FakeHost) -> None:
    host.given = {**ASSIGNED, "parent_run_id": None}
    assert "parent_task_run_id" not in asked_for_input(endpoints)


def test_without_an_assignment_the_worker_is_kept_waiting(endpoints: Worker, host: FakeHost) -> None:
    host.given, host.assigned = None, Latch()
    held = input_answer(endpoints)
    assert isinstance(held, Held)
    assert (held.until.is_set, held.shows_life) == (False, True)
    host.given = ASSIGNED
    host.assigned.set()
    assert held.answer().status == 200


def post_outcome(endpoints: Worker, host: FakeHost, content: object, path: str = "/callback", agent: str = "") -> None:
    held = ask(endpoints, path, content, agent)
    assert isinstance(held, Held)
    assert (held.until, held.late, held.shows_life) == (host.acknowledged, None, False), "nothing until it is recorded"
    assert held.answer() == Answer(200)


@pytest.mark.parametrize("results", [[9], [None], [[5]], [], [1, 2], [{"a": 1}]])
def test_the_results_come_back_unchanged(endpoints: Worker, host: FakeHost, results: list[Any]) -> None:
    post_outcome(endpoints, host, {"complete": {"output": encoded(results)}})
    assert as_results(host.outcomes[0]["value"]) == results


def test_a_value_in_a_list_of_its_own_is_that_value(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"complete": {"output": encoded([9])}})
    assert host.outcomes == [{"type": "result", "value": 9}]


def test_an_empty_output_is_no_results(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"complete": {"output": ""}})
    assert host.outcomes == [{"type": "result", "value": []}]


def test_an_error_keeps_its_details_and_its_trace(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"error": {"details": "boom", "stack_trace": "at main.go:3"}, "complete": None})
    error = host.outcomes[0]["error"]
    assert (error["message"], error["traceback"], error["retryable"]) == ("boom", "at main.go:3", True)


def test_an_error_may_say_its_type_and_that_trying_again_is_in_vain(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"error": {"details": "boom", "type": "RangeError", "retryable": False}})
    error = host.outcomes[0]["error"]
    assert (error["type"], error["retryable"]) == ("RangeError", False)


def test_a_write_where_nothing_may_be_written_is_not_tried_again_and_says_where_it_may(
    endpoints: Worker, host: FakeHost
) -> None:
    error = {"details": "EROFS: read-only file system, open '/app/x'", "type": "Error", "retryable": True}
    post_outcome(endpoints, host, {"error": error})
    said = host.outcomes[0]["error"]
    assert not said["retryable"]
    assert "write below /tmp" in said["message"]


def test_a_result_that_is_too_large_fails_the_run_and_says_why(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"complete": {"output": encoded(["x" * wire.RESULT_LIMIT_BYTES])}})
    assert host.outcomes[0]["type"] == "error"
    assert "the limit is 4194304" in host.outcomes[0]["error"]["message"]


def test_tasks_are_registered_as_they_come(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"tasks": [{"name": "square", "options": {}}]}, "/register-tasks")
    assert host.outcomes == [{"type": "tasks", "tasks": [{"name": "square", "options": {}}]}]


@pytest.mark.parametrize("request_", [("GET", "/tasks"), ("POST", "/input"), ("DELETE", "/callback")])
def test_other_routes_are_not_found(endpoints: Worker, request_: tuple[str, str]) -> None:
    answer = endpoints.handle(Request(*request_, b"{}"))
    assert isinstance(answer, Answer)
    assert answer.status == 404


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/callback", b"not json"),
        ("/callback", b"[" * 100_000),
        ("/callback", []),
        ("/callback", {}),
        ("/callback", {"complete": {"output": "%%%"}}),
        ("/run-subtask", {"input": encoded([])}),
        ("/run-subtask", {"task_name": "square"}),
        ("/run-subtask", {"task_name": "square", "input": encoded(3)}),
        ("/run-subtask", {"task_name": "square", "input": encoded(["x" * wire.INPUT_LIMIT_BYTES])}),
        ("/register-tasks", {"tasks": "square"}),
        ("/register-tasks", {"tasks": ["x" * wire.FRAME_LIMIT_BYTES]}),
    ],
)
def test_what_is_malformed_is_refused_and_changes_nothing(
    endpoints: Worker, host: FakeHost, path: str, content: object
) -> None:
    answer = post(endpoints, path, content)
    assert answer.status == 400
    assert answer.content is not None
    assert answer.content["message"]
    assert (host.outcomes, host.children) == ([], [])


@pytest.mark.parametrize("argument", [float("nan"), [[]] * 3 + [eval("[" * 90 + "]" * 90)], "\udce9"])
def test_an_argument_is_refused_only_when_it_is_no_json(endpoints: Worker, host: FakeHost, argument: object) -> None:
    answer = post(endpoints, "/run-subtask", {"task_name": "square", "input": encoded([argument])})
    assert answer.status == (400 if argument != argument else 200), answer


def test_a_result_that_is_no_json_is_the_tasks_error(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"complete": {"output": encoded([float("nan")])}})
    assert host.outcomes[0]["error"]["type"] == "ResultError"
    assert "NaN is not JSON" in host.outcomes[0]["error"]["message"]


TYPESCRIPT = "render-sdk-typescript/0.5.1 (node/22.1.0; linux/x64)"


def called_back(endpoints: Worker, host: FakeHost, results: object, agent: str) -> Mapping[str, Any]:
    output = encoded(results) if results is not None else ""
    ask(endpoints, "/callback", {"complete": {"output": output}}, agent)
    return host.outcomes[-1]


@pytest.mark.parametrize("results", [[[1, 2, 3]], None])
def test_a_list_that_typescript_puts_around_a_result_is_told_from_one_that_was_returned(
    results: object, endpoints: Worker, host: FakeHost
) -> None:
    assert called_back(endpoints, host, results, TYPESCRIPT)["is_boxed"] is True
    assert "is_boxed" not in called_back(endpoints, host, [9], TYPESCRIPT)
    assert "is_boxed" not in called_back(endpoints, host, results, "render-sdk-python/0.6.0")


def test_tasks_whose_input_is_spread_into_the_call_take_a_list_only(endpoints: Worker, host: FakeHost) -> None:
    ask(endpoints, "/register-tasks", {"tasks": [{"name": "square"}]}, TYPESCRIPT)
    (draft,) = check(host.outcomes[-1]["tasks"])
    assert (draft.signature, [one.kind for one in draft.parameters]) == ("square(...args)", ["var_positional"])


def test_no_arguments_by_name_are_none_by_position(endpoints: Worker, host: FakeHost) -> None:
    host.given = {**ASSIGNED, "input": {}}
    assert decoded(asked_for_input(endpoints)["input"]) == []


@pytest.mark.parametrize(
    ("error", "blames"),
    [
        ({"details": "Subtask failed: boom"}, True),
        ({"details": "something of its own"}, False),
        ({"details": ""}, False),
    ],
)
def test_the_chained_run_whose_words_an_error_has_is_the_one_it_came_from(
    endpoints: Worker, host: FakeHost, error: dict[str, Any], blames: bool
) -> None:
    run_id = child(endpoints)
    host.children[0].end(None, ChildFailed(run_id, "failed", "ValueError", "boom"))
    result_of(endpoints, run_id)
    post_outcome(endpoints, host, {"error": error})
    assert host.outcomes[-1]["error"]["child"] == (run_id if blames else "")


def test_an_sdk_that_knows_it_says_it_itself(endpoints: Worker, host: FakeHost) -> None:
    first, second = child(endpoints), child(endpoints)
    for number, run_id in enumerate((first, second)):
        host.children[number].end(None, ChildFailed(run_id, "failed", "ValueError", "boom"))
        result_of(endpoints, run_id)
    post_outcome(endpoints, host, {"error": {"details": "boom", "child_task_run_id": second}})
    assert host.outcomes[-1]["error"]["child"] == second


def test_a_run_it_never_asked_for_is_not_passed_on(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"error": {"details": "boom", "child_task_run_id": "trn-9"}})
    assert host.outcomes[-1]["error"]["child"] == ""


def test_our_sdks_say_something_about_the_run(endpoints: Worker, host: FakeHost) -> None:
    said = {"tags": ["a"], "metadata": {"rows": 3}, "fraction": 0.5}
    assert post(endpoints, "/annotate", said).status == 200
    assert post(endpoints, "/annotate", {"message": "half"}).status == 200
    assert post(endpoints, "/annotate", {"tags": ["b"]}).status == 200
    assert host.said == [
        {"tags": ["a"], "metadata": {"rows": 3}, "progress": (0.5, "")},
        {"tags": [], "metadata": {}, "progress": (None, "half")},
        {"tags": ["b"], "metadata": {}, "progress": None},
    ]


@pytest.mark.parametrize(
    "wrong", [{"tags": "a"}, {"metadata": [1]}, {"fraction": "0.5"}, {"message": 3}, {"metadata": {"wrong": 1}}]
)
def test_what_cannot_be_said_is_refused(endpoints: Worker, host: FakeHost, wrong: dict[str, Any]) -> None:
    assert post(endpoints, "/annotate", wrong).status == 400
    assert host.said == []
