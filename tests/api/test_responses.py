from __future__ import annotations

import json
from http import HTTPStatus

from orchestrator.api.responses import answer, encode, moment
from orchestrator.api.schemas import Problem

PROBLEM = Problem(id="err-1", message="é\u2028", code="x")


def test_answers_are_one_line_of_ascii() -> None:
    text = encode(PROBLEM)
    assert text.isascii()
    assert json.loads(text) == {"id": "err-1", "message": "é\u2028", "code": "x"}


def test_json_that_is_text_already_is_passed_on_as_it_is() -> None:
    assert encode(PROBLEM, input="[1.0, 1e5]").endswith(',"input":[1.0, 1e5]}')


def test_a_list_is_one_document() -> None:
    response = answer([PROBLEM, PROBLEM], HTTPStatus.ACCEPTED)
    assert (response.status_code, len(json.loads(bytes(response.body)))) == (202, 2)
    assert json.loads(bytes(answer([]).body)) == []


def test_times_are_in_utc() -> None:
    assert moment(1_500).isoformat() == "1970-01-01T00:00:01.500000+00:00"
