from __future__ import annotations

import pytest

from orchestrator_sdk import errors
from orchestrator_sdk.client import requests, responses

REQUEST = requests.get("trn-1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (403, errors.AuthenticationError),
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (413, errors.BadRequestError),
        (418, errors.RequestError),
        (429, errors.RateLimitError),
        (500, errors.ServerError),
        (503, errors.ServerError),
        (302, errors.RequestError),
    ],
)
def test_each_status_has_its_error_with_the_servers_words(status: int, kind: type[errors.APIError]) -> None:
    with pytest.raises(kind, match="why") as caught:
        responses.check(REQUEST, status, b'{"id": "x", "message": "why"}')
    assert type(caught.value) is kind
    assert caught.value.status == status


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message": null}'])
def test_an_error_without_words_tells_the_status(body: bytes) -> None:
    with pytest.raises(errors.ServerError, match="GET /v1/task-runs/trn-1 was answered 502"):
        responses.check(REQUEST, 502, body)


def test_a_missing_key_says_where_to_find_one() -> None:
    with pytest.raises(errors.AuthenticationError, match=r"no key \(.*ORCHESTRATOR_API_KEY"):
        responses.check(REQUEST, 401, b'{"message": "no key"}')


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b"", b'{"id": 1}'])
def test_an_answer_of_something_else_is_a_server_error(body: bytes) -> None:
    with pytest.raises(errors.ServerError, match="GET /v1/task-runs/trn-1: the answer is not the orchestrator's"):
        responses.read(requests.get("trn-1"), 200, body)
