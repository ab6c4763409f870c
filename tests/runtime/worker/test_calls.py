"""Chained runs that a worker asks for: which requests are one, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator_runtime import wire
from orchestrator_runtime.host import ChildFailed
from orchestrator_runtime.worker.http import Answer, Held
from orchestrator_runtime.worker.protocol import Worker
from tests.runtime.worker.support import (
    FakeHost,
    ask,
    child,
    decoded,
    encoded,
    post,
    result_of,
)


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
