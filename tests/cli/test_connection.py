from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from orchestrator.cli import exit_codes
from orchestrator.cli.connection import Connection
from orchestrator.cli.errors import CliError
from orchestrator_sdk.client.address import Address

_ADDRESS = Address("http://127.0.0.1:1", "key")


@contextmanager
def connected(answer: Callable[[httpx.Request], httpx.Response]) -> Iterator[Connection]:
    with Connection(_ADDRESS, transport=httpx.MockTransport(answer)) as connection:
        yield connection


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [
        (400, exit_codes.USAGE),
        (401, exit_codes.REFUSED),
        (403, exit_codes.REFUSED),
        (404, exit_codes.NOT_FOUND),
        (409, exit_codes.FAILED),
        (413, exit_codes.USAGE),
        (500, exit_codes.FAILED),
        (503, exit_codes.UNREACHABLE),
    ],
)
def test_each_refusal_has_its_exit_code_and_the_apis_own_words(status: int, exit_code: int) -> None:
    with (
        connected(lambda _: httpx.Response(status, json={"message": "because"})) as api,
        pytest.raises(CliError, match="because") as raised,
    ):
        api.get("/task-runs")
    assert raised.value.exit_code == exit_code


def test_a_refusal_that_is_not_json_names_the_request() -> None:
    with (
        connected(lambda _: httpx.Response(502, text="<html>")) as api,
        pytest.raises(CliError, match="GET /v1/tasks was answered 502"),
    ):
        api.get("/tasks")


def test_no_answer_says_how_to_start_one() -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with connected(refused) as api, pytest.raises(CliError, match="no orchestrator answers") as raised:
        api.get("/tasks")
    assert raised.value.exit_code == exit_codes.UNREACHABLE
    assert "orchestrator up" in raised.value.hint


def test_lists_are_read_page_by_page() -> None:
    def page(request: httpx.Request) -> httpx.Response:
        begin = int(request.url.params.get("cursor", -1)) + 1
        numbers = range(begin, min(begin + int(request.url.params["limit"]), 250))
        return httpx.Response(200, json=[{"task": {"id": number}, "cursor": str(number)} for number in numbers])

    with connected(page) as api:
        assert [task["id"] for task in api.all("/tasks", "task")] == list(range(250))
        assert [task["id"] for task in api.all("/tasks", "task", limit=120)] == list(range(120))


def test_a_stream_gives_its_events() -> None:
    stream = ": ping\n\nevent: log\ndata: 1\n\nevent: end\ndata: {}\n\n"
    with connected(lambda _: httpx.Response(200, text=stream)) as api:
        assert [(event.name, event.data) for event in api.stream("/logs")] == [("log", "1"), ("end", "{}")]


def test_a_refused_stream_is_an_error() -> None:
    with (
        connected(lambda _: httpx.Response(404, json={"message": "there is no run x"})) as api,
        pytest.raises(CliError, match="there is no run x"),
    ):
        list(api.stream("/logs"))
