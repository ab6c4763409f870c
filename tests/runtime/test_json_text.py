"""JSON as both ends write and read it: strict, valid UTF-8, and within limits that both ends know."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator_runtime import json_text, wire

LATIN_1 = os.fsdecode(b"caf\xe9.txt")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


@given(ANYTHING)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert json_text.loads(json_text.dumps(value)) == value


def test_text_is_written_as_it_is_and_compactly() -> None:
    assert json_text.dumps({"ü": [1, "\u2028"]}) == '{"ü":[1,"\u2028"]}'


def test_a_file_name_that_is_no_unicode_travels_escaped_and_comes_out_the_same() -> None:
    text = json_text.dumps(["ü", {LATIN_1: LATIN_1}])
    assert text == '["ü",{"caf\\udce9.txt":"caf\\udce9.txt"}]'
    assert json_text.encode(["ü", {LATIN_1: LATIN_1}]) == text.encode()
    assert json_text.loads(text) == ["ü", {LATIN_1: LATIN_1}]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {float("nan"): 1}, object(), {1, 2}, b"x"])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        json_text.dumps(value)


@pytest.mark.parametrize("text", ["", "[", "NaN", "[-Infinity]", "1e999", "[" * 100_000, "9" * 4301, b"\xff"])
def test_what_is_no_json_is_not_read(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        json_text.loads(text)


def test_the_deepest_value_is_written_and_read() -> None:
    deepest = nested(wire.NESTING_LIMIT)
    assert json_text.loads(json_text.dumps(deepest)) == deepest


@pytest.mark.parametrize("levels", [wire.NESTING_LIMIT + 1, 964, 970, 100_000])
def test_a_value_nested_too_deeply_is_refused_with_the_limit(levels: int) -> None:
    with pytest.raises(ValueError, match="nested more than 500 levels deep"):
        json_text.dumps(nested(levels))
    with pytest.raises(ValueError, match="nested more than 500 levels deep"):
        json_text.loads("[" * levels + "]" * levels)


def test_brackets_side_by_side_or_in_texts_are_not_nested() -> None:
    value = ["[" * 1000, '"[' * 1000, "\\[" * 1000, *[{}] * 1000, {"[" * 600: []}]
    assert json_text.loads(json_text.dumps(value)) == value


def test_the_longest_number_is_written_and_read() -> None:
    longest = -int("9" * wire.NUMBER_LIMIT_DIGITS)
    assert json_text.loads(json_text.dumps([longest])) == [longest]


def test_a_longer_number_is_refused_with_the_limit_whatever_the_user_allowed(
    without_digit_limit: None,
) -> None:
    for value in (10**6000, [-(10**6000)], {"a": 10**4300}):
        with pytest.raises(ValueError, match="a number of more than 4300 digits"):
            json_text.dumps(value)
    with pytest.raises(ValueError, match="a number of more than 4300 digits"):
        json_text.loads("9" * 6000)


@pytest.mark.parametrize("before", [0, 1, 2149, 2150, 2151, 5000])
def test_a_long_number_is_found_wherever_it_begins(before: int) -> None:
    head = " " * before
    assert json_text.loads(f"{head}{'9' * wire.NUMBER_LIMIT_DIGITS}")
    with pytest.raises(ValueError, match="a number of more than 4300 digits"):
        json_text.loads(f"{head}{'9' * (wire.NUMBER_LIMIT_DIGITS + 1)}")


def test_digits_in_a_text_are_no_number() -> None:
    assert json_text.dumps(["9" * 6000]) == json.dumps(["9" * 6000])


@given(st.text(alphabet="caf\udce9\ud83d\ude00ü \n"))
def test_a_text_for_people_is_always_valid_and_shows_what_was_not(text: str) -> None:
    valid = json_text.valid(text)
    valid.encode()
    assert valid == text or "\\ud" in valid


@pytest.mark.parametrize(
    "text",
    ["1e309", "1E+0400", "9" * 300 + "e9", "9" * 250 + "e60", "9" * 310 + ".0", "-1e999"],
    ids=lambda text: text[-9:],
)
@pytest.mark.parametrize("before", [0, 1, 100, 148, 149])
def test_a_number_out_of_range_is_found_wherever_it_is(text: str, before: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        json_text.loads(f'["{"x" * before}",{text}]')
