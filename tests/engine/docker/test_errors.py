"""Every failure of Docker becomes an error of the engine that says what failed and what to do."""

from __future__ import annotations

import pytest
import requests
from docker.errors import APIError, DockerException, ImageNotFound

from orchestrator.engine.base import EngineError, EngineUnavailable, ImageMissing
from orchestrator.engine.docker.errors import Busy, Conflict, NotFound, translated


def answer(status: int) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    return response


@pytest.mark.parametrize(
    ("raised", "becomes"),
    [
        (ImageNotFound("x", answer(404), "no such image: w:1"), ImageMissing),
        (APIError("x", answer(404), "no such container"), NotFound),
        (APIError("x", answer(409), "name in use"), Conflict),
        (APIError("x", answer(500), "overlay2: device or resource busy"), Busy),
        (APIError("x", answer(500), "something else"), EngineError),
        (APIError("x", answer(400), "bad parameter"), EngineError),
        (requests.ConnectionError("refused"), EngineUnavailable),
        (requests.ReadTimeout("30 s"), EngineUnavailable),
        (requests.exceptions.ChunkedEncodingError("cut"), EngineUnavailable),
        (requests.JSONDecodeError("empty", "", 0), EngineUnavailable),
        (DockerException("no version"), EngineUnavailable),
        (PermissionError(13, "Permission denied"), EngineUnavailable),
        (TimeoutError(), EngineUnavailable),
    ],
)
def test_a_failure_becomes_the_engines_error(raised: Exception, becomes: type[EngineError]) -> None:
    with (
        pytest.raises(EngineError, match="cannot start container 12ab") as caught,
        translated("start container 12ab", "unix:///d"),
    ):
        raise raised
    assert type(caught.value) is becomes
    assert caught.value.__cause__ is raised


def test_the_reason_is_the_innermost() -> None:
    aborted = requests.ConnectionError("Connection aborted")
    aborted.__cause__ = PermissionError(13, "Permission denied")
    says = r"Docker at unix:///d does not answer \(.*Permission denied\)"
    with pytest.raises(EngineUnavailable, match=says), translated("x", "unix:///d"):
        raise aborted


def test_errors_of_the_engine_pass_unchanged() -> None:
    error = NotFound("gone")
    with pytest.raises(NotFound) as caught, translated("x", "y"):
        raise error
    assert caught.value is error
