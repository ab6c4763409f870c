from __future__ import annotations

import pytest

from orchestrator.cli.instance.outage import is_outage
from orchestrator_sdk.errors import APIError, ConnectionError


@pytest.mark.parametrize(("status", "expected"), [(502, True), (503, True), (504, True), (500, False), (404, False)])
def test_some_answers_mean_that_it_may_be_back_in_a_moment(status: int, expected: bool) -> None:
    assert is_outage(APIError("no", status)) is expected


def test_no_answer_means_that_too() -> None:
    assert is_outage(ConnectionError("refused"))
