from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx
import pytest

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance import connection
from orchestrator_sdk import Client
from orchestrator_sdk.client.address import Address

_ADDRESS = Address("http://127.0.0.1:1", "key")


def connected(answer: Callable[[httpx.Request], httpx.Response]) -> AbstractContextManager[Client]:
    return connection.connected(_ADDRESS, httpx.MockTransport(answer))


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
        pytest.raises(CliError, match=r"^because$") as raised,
        connected(lambda _: httpx.Response(status, json={"message": "because"})) as api,
    ):
        api.get("trn-1")
    assert raised.value.exit_code == exit_code


def test_a_refusal_that_is_not_json_names_the_request() -> None:
    with (
        pytest.raises(CliError, match="GET /v1/status was answered 502"),
        connected(lambda _: httpx.Response(502, text="<html>")) as api,
    ):
        api.status()


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (httpx.ConnectError("connection refused"), "no orchestrator answers at http://127.0.0.1:1", "orchestrator up"),
        (httpx.ReadTimeout("timed out"), "http://127.0.0.1:1 does not answer in time", "doctor"),
    ],
)
def test_no_answer_says_what_to_do(error: Exception, said: str, hint: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(CliError, match=said) as raised, connected(fail) as api:
        api.status()
    assert raised.value.exit_code == exit_codes.UNREACHABLE
    assert hint in raised.value.hint


def test_the_key_is_sent() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer key"
        return httpx.Response(200, json={"queued": 0, "active": 0})

    with connected(answer) as api:
        assert api.status().queued == 0
