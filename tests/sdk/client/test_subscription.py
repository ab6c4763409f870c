from __future__ import annotations

import json

import pytest

from orchestrator_sdk.client import requests
from orchestrator_sdk.client.models import TaskRunDetails
from orchestrator_sdk.client.subscription import SILENCE_S, UNREACHABLE_S, LogTail, Watch
from orchestrator_sdk.errors import ServerError, WaitTimeoutError
from tests.sdk.client.conftest import run_json


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_without_a_deadline_only_silence_breaks_a_connection(clock: Clock) -> None:
    watch = Watch(["trn-1"], None, clock)
    assert watch.connect() == SILENCE_S
    clock.now_s += 1e6
    assert not watch.is_due


def test_silence_never_outlasts_the_deadline(clock: Clock) -> None:
    watch = Watch(["trn-1"], 30.0, clock)
    assert watch.connect() == 30
    assert not watch.is_due, "the first line must not end the connection"
    clock.now_s += 25
    assert watch.is_due, "after a ping the next silence could last until 55 s"
    assert watch.connect() == 5


def test_after_the_deadline_there_is_no_further_connection(clock: Clock) -> None:
    watch = Watch(["trn-1", "trn-2"], 30.0, clock)
    clock.now_s += 30
    with pytest.raises(WaitTimeoutError, match=r"run trn-1 and trn-2 are not over after 30.0 s; what runs goes on"):
        watch.connect()


def test_a_pause_ends_with_the_deadline(clock: Clock) -> None:
    assert Watch(["trn-1"], 0.0001, clock).pause_s() == pytest.approx(0.0001)


def test_pauses_grow_until_an_event_comes_through(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    watch = Watch(["trn-1"], None, clock)
    assert [watch.pause_s() for _ in range(8)] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    for line in (": ping", "event: other", "data: {}", ""):
        watch.feed(line)
    assert watch.pause_s() == 0.1


def test_a_server_that_stays_away_is_given_up(clock: Clock) -> None:
    watch, error = Watch(["trn-1"], None, clock), ServerError("gone")
    watch.lost(error)
    clock.now_s += UNREACHABLE_S
    watch.lost(error)
    clock.now_s += 1
    with pytest.raises(ServerError, match="gone"):
        watch.lost(error)


def test_an_answer_to_a_poll_shows_that_the_server_lives(clock: Clock) -> None:
    watch, error = Watch(["trn-1"], None, clock), ServerError("gone")
    watch.lost(error)
    assert watch.answered(TaskRunDetails.parse(run_json(status="running"))) is None
    clock.now_s += UNREACHABLE_S + 1
    watch.lost(error)
    assert not watch.is_over


def test_an_event_that_is_cut_off_is_not_joined_with_the_next_connection(clock: Clock) -> None:
    watch = Watch(["trn-1"], None, clock)
    watch.feed("data: {")
    watch.connect()
    watch.feed("event: task.completed")
    watch.feed(f"data: {json.dumps(run_json())}")
    assert watch.feed("") is not None
    assert watch.is_over


def test_one_run_may_be_given_as_its_id(clock: Clock) -> None:
    assert Watch("trn-1", None, clock).request().params == {"taskRunIds": ["trn-1"]}


def test_a_log_ends_with_its_run(clock: Clock) -> None:
    tail = LogTail(requests.logs("trn-1", 2), clock)
    assert tail.request().params == {"attempt": 2, "limit": 1000, "follow": "true"}
    for line in ("event: end", "data: {}", ""):
        assert tail.feed(line) is None
    assert tail.is_over


def test_a_line_that_is_begun_is_told_beside_the_place_where_the_log_goes_on(clock: Clock) -> None:
    tail = LogTail(requests.logs("trn-1", live=True), clock)
    assert tail.request().params == {"live": "true", "limit": 1000, "follow": "true"}
    found = [
        tail.feed(line) for line in ("event: live", 'data: {"attempt": 0, "stream": "stderr", "message": "5 %"}', "")
    ][-1]
    assert found is not None
    assert (found.message, found.stream, found.is_begun) == ("5 %", "stderr", True)
    assert tail.request().params == {"live": "true", "limit": 1000, "follow": "true"}
