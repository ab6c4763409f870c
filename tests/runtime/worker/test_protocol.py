"""The worker protocol's endpoints, one rule each."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from orchestrator.core.tasks import check
from orchestrator_runtime import children, json_text, wire
from orchestrator_runtime.children import Chained
from orchestrator_runtime.host import ChildFailed
from orchestrator_runtime.latch import Latch
from orchestrator_runtime.outcome import Outcome
from orchestrator_runtime.worker.http import Answer, Held, Request
from orchestrator_runtime.worker.protocol import Worker, as_results

ASSIGNED: wire.Assign = {
    "type": "assign",
    "run_id": "trn-1",
    "root_run_id": "trn-0",
    "parent_run_id": "trn-0",
    "attempt": 0,
    "timeout_s": 60,
    "task": "square",
    "traceparent": None,
    "input": [3],
}


class Timer:
    """A call that comes when the test lets it."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call

    def cancel(self) -> None:
        self.call = lambda: None


class FakeHost:
    """A shim whose chained runs the test ends, and whose time it lets pass."""

    def __init__(self) -> None:
        self.assigned = Latch()
        self.assigned.set()
        self.given: wire.Assign | None = ASSIGNED
        self.acknowledged = Latch()
        self.timers: list[Timer] = []
        self.is_slow = False
        self.outcomes: list[Mapping[str, Any]] = []
        self.children: list[Chained] = []
        self.waits: list[int] = []
        self.said: list[dict[str, Any]] = []

    def assignment(self, timeout_s: float) -> wire.Assign | None:
        return self.given

    def post_outcome(self, outcome: Outcome) -> Latch:
        self.outcomes.append(json_text.loads(outcome.frame))
        return self.acknowledged

    def start_confirmed(self, task: str, arguments: Any) -> Chained:
        children.encoded(wire.Child(0, task, arguments))
        child = Chained()
        self.children.append(child)
        if not self.is_slow:
            self.record(len(self.children) - 1)
        return child

    def record(self, number: int) -> None:
        """The orchestrator gives the chained run its id."""
        self.children[number].confirm(f"trn-c{number}")

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        self.timers.append(Timer(call))
        return self.timers[-1]

    def waiting(self, delta: int) -> None:
        self.waits.append(delta)

    def annotate(self, **said: Any) -> None:
        if "wrong" in said["metadata"]:
            raise ValueError("metadata cannot be kept")
        self.said.append(said)


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def endpoints(host: FakeHost) -> Worker:
    return Worker(host)


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def decoded(text: str) -> Any:
    return json.loads(base64.b64decode(text))


def ask(endpoints: Worker, path: str, content: object, agent: str = "") -> Answer | Held:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return endpoints.handle(Request("POST", path, body, agent))


def post(endpoints: Worker, path: str, content: object, agent: str = "") -> Answer:
    """The answer there is now, or when a request was held for as long as it may be."""
    given = ask(endpoints, path, content, agent)
    if isinstance(given, Answer):
        return given
    if given.until.is_set:
        return given.answer()
    assert given.late is not None
    return given.late()


def input_answer(endpoints: Worker) -> Answer | Held:
    """What the first look at the assignment gives."""
    return endpoints.handle(Request("GET", "/input", b""))


def asked_for_input(endpoints: Worker) -> dict[str, Any]:
    answer = input_answer(endpoints)
    assert isinstance(answer, Answer)
    assert answer.content is not None
    return answer.content


def child(endpoints: Worker, **more: str) -> str:
    answer = post(endpoints, "/run-subtask", {"task_name": "square", "input": encoded([2]), **more})
    assert answer.content is not None
    return str(answer.content["task_run_id"])


def result_of(endpoints: Worker, run_id: str) -> dict[str, Any]:
    answer = post(endpoints, "/get-subtask-result", {"task_run_id": run_id})
    assert answer.status == 200
    assert answer.content is not None
    return answer.content


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


def test_a_result_that_is_too_large_fails_the_run_and_says_why(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"complete": {"output": encoded(["x" * wire.RESULT_LIMIT_BYTES])}})
    assert host.outcomes[0]["type"] == "error"
    assert "the limit is 4194304" in host.outcomes[0]["error"]["message"]


def test_tasks_are_registered_as_they_come(endpoints: Worker, host: FakeHost) -> None:
    post_outcome(endpoints, host, {"tasks": [{"name": "square", "options": {}}]}, "/register-tasks")
    assert host.outcomes == [{"type": "tasks", "tasks": [{"name": "square", "options": {}}]}]


def test_a_request_that_was_repeated_starts_one_chained_run(endpoints: Worker, host: FakeHost) -> None:
    same = {"idempotency_key": "k", "created_at": "2026-01-01T00:00:00+00:00"}
    assert child(endpoints, **same) == child(endpoints, **same)
    assert len(host.children) == 1


def test_the_same_key_at_another_time_is_another_chained_run(endpoints: Worker, host: FakeHost) -> None:
    child(endpoints, idempotency_key="k", created_at="2026-01-01T00:00:00+00:00")
    child(endpoints, idempotency_key="k", created_at="2026-01-01T00:00:01+00:00")
    assert len(host.children) == 2


def test_requests_without_a_key_are_all_different(endpoints: Worker, host: FakeHost) -> None:
    assert child(endpoints) != child(endpoints)


def subtask(endpoints: Worker, value: int = 2, **more: str) -> Answer | Held:
    return ask(endpoints, "/run-subtask", {"task_name": "square", "input": encoded([value]), **more})


def sent_away(endpoints: Worker) -> None:
    held = subtask(endpoints)
    assert isinstance(held, Held)
    assert held.late is not None
    assert held.late().status == 503


def test_an_equal_request_without_a_key_claims_the_chained_run_that_nobody_was_told_of(
    endpoints: Worker, host: FakeHost
) -> None:
    host.is_slow = True
    sent_away(endpoints)
    again = subtask(endpoints)
    host.record(0)
    assert isinstance(again, Held)
    assert again.answer() == Answer(200, {"task_run_id": "trn-c0"})
    assert len(host.children) == 1
    subtask(endpoints)
    assert len(host.children) == 2, "a third is another call, for both others have theirs"


def test_a_request_whose_client_left_can_be_claimed_once(endpoints: Worker, host: FakeHost) -> None:
    host.is_slow = True
    held = subtask(endpoints)
    assert isinstance(held, Held)
    assert held.late is not None
    held.gone()
    held.late()
    for _ in range(2):
        subtask(endpoints)
    assert len(host.children) == 2


def test_equal_calls_that_were_both_sent_away_are_two(endpoints: Worker, host: FakeHost) -> None:
    host.is_slow = True
    first, second = subtask(endpoints), subtask(endpoints)
    for held in (first, second):
        assert isinstance(held, Held)
        held.gone()
    for _ in range(2):
        subtask(endpoints)
    assert len(host.children) == 2


def test_another_input_or_a_key_claims_nothing(endpoints: Worker, host: FakeHost) -> None:
    host.is_slow = True
    sent_away(endpoints)
    subtask(endpoints, 3)
    subtask(endpoints, 2, idempotency_key="k")
    assert len(host.children) == 3


@pytest.mark.parametrize(
    ("kind", "status"), [(wire.REFUSED_TASK, 404), (wire.REFUSED_PARENT, 409), (wire.REFUSED_INPUT, 400)]
)
def test_a_refused_chained_run_is_an_error_nobody_repeats(
    endpoints: Worker, host: FakeHost, kind: str, status: int
) -> None:
    host.is_slow = True
    held = subtask(endpoints)
    assert isinstance(held, Held)
    host.children[0].end(None, ChildFailed("", "refused", kind, "no"))
    answer = held.answer()
    assert answer == Answer(status, {"message": "no"})


@pytest.mark.parametrize(
    ("value", "results"), [(4, [4]), ([5], [5]), ([], []), ([1, 2], [1, 2]), ({"a": 1}, [{"a": 1}])]
)
def test_a_finished_childs_value_is_a_list_of_results(
    endpoints: Worker, host: FakeHost, value: object, results: list[Any]
) -> None:
    run_id = child(endpoints)
    host.children[0].end(value)
    answer = result_of(endpoints, run_id)
    assert answer.keys() == {"still_running", "complete"}
    assert (answer["still_running"], decoded(answer["complete"]["output"])) == (False, results)


@pytest.mark.parametrize(("status", "message", "details"), [("failed", "boom", "boom"), ("canceled", "", "canceled")])
def test_a_failed_or_canceled_child_is_an_error_without_a_completion(
    endpoints: Worker, host: FakeHost, status: str, message: str, details: str
) -> None:
    run_id = child(endpoints)
    host.children[0].end(None, ChildFailed(run_id, status, "", message))
    answer = result_of(endpoints, run_id)
    assert answer.keys() == {"still_running", "error"}
    assert details in answer["error"]["details"]


def test_a_child_that_takes_longer_than_a_request_may_be_held_still_runs(endpoints: Worker) -> None:
    assert result_of(endpoints, child(endpoints)) == {"still_running": True}


def test_a_result_may_be_asked_for_twice(endpoints: Worker, host: FakeHost) -> None:
    run_id = child(endpoints)
    host.children[0].end(4)
    assert result_of(endpoints, run_id) == result_of(endpoints, run_id)


def test_asking_again_is_one_long_wait(endpoints: Worker, host: FakeHost) -> None:
    run_id = child(endpoints)
    result_of(endpoints, run_id)
    result_of(endpoints, run_id)
    assert host.waits == [+1]
    host.children[0].end(4)
    result_of(endpoints, run_id)
    assert host.waits == [+1, -1]


def test_who_does_not_ask_again_waits_no_more(endpoints: Worker, host: FakeHost) -> None:
    result_of(endpoints, child(endpoints))
    assert host.waits == [+1]
    host.timers[-1].call()
    assert host.waits == [+1, -1]


def test_who_leaves_while_it_waits_may_ask_again_or_waits_no_more(endpoints: Worker, host: FakeHost) -> None:
    run_id = child(endpoints)
    for _ in range(2):
        held = ask(endpoints, "/get-subtask-result", {"task_run_id": run_id})
        assert isinstance(held, Held)
        held.gone()
    assert (host.waits, len(host.timers)) == ([+1], 2)
    for timer in host.timers:
        timer.call()
    assert host.waits == [+1, -1]


def test_asking_for_long_keeps_nothing_but_the_last_request(endpoints: Worker, host: FakeHost) -> None:
    run_id = child(endpoints)
    held = [ask(endpoints, "/get-subtask-result", {"task_run_id": run_id}) for _ in range(3)]
    assert len({one.until for one in held if isinstance(one, Held)}) == 1


def test_an_unknown_run_is_not_found(endpoints: Worker) -> None:
    assert post(endpoints, "/get-subtask-result", {"task_run_id": "trn-other"}).status == 404


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
    assert (draft.signature, [one.kind for one in draft.parameters]) == ("(...args)", ["var_positional"])


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
