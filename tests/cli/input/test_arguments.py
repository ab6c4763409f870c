from __future__ import annotations

from typing import Any

import pytest

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.input.arguments import read


def test_each_argument_is_json_or_else_text() -> None:
    assert read(["3", "[1, 2]", '"4"', "true", "plain text", "NaN"], None) == [
        3,
        [1, 2],
        "4",
        True,
        "plain text",
        "NaN",
    ]


@pytest.mark.parametrize(("text", "expected"), [("[]", []), ('{"a": 1}', {"a": 1})])
def test_the_whole_input_is_one_document(text: str, expected: Any) -> None:
    assert read([], text) == expected


@pytest.mark.parametrize(
    ("arguments", "whole", "message"),
    [
        ([], "[1,", "not JSON"),
        ([], "[NaN]", "NaN is not JSON"),
        ([], "3", "neither a list nor an object"),
        (["3"], "[3]", "exclude each other"),
        (["--plan"], None, "no such option: --plan"),
    ],
)
def test_what_is_no_input_is_refused_with_the_reason(arguments: list[str], whole: str | None, message: str) -> None:
    with pytest.raises(CliError, match=message) as raised:
        read(arguments, whole)
    assert raised.value.exit_code == exit_codes.USAGE
    assert raised.value.hint
