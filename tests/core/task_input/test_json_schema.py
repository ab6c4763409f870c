"""What is left of a schema takes all that the schema takes."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.core.task_input.json_schema import weakened


def weak(schema: Any) -> Any:
    return weakened(schema, lambda text: "?=" not in text)


ORDER = {
    "type": "object",
    "properties": {
        "item": {"type": "string", "minLength": 1},
        "size": {"anyOf": [{"type": "integer"}, {"const": "L"}]},
    },
    "required": ["item"],
    "additionalProperties": False,
}


def test_what_says_something_of_a_value_alone_stays() -> None:
    assert weak(ORDER) == ORDER
    row = {"prefixItems": [{"type": "string"}, {"enum": [1, 2]}], "items": False, "minItems": 2}
    assert weak(row) == row


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://127.0.0.1/x.json"},
        {"$defs": {"a": {"type": "string"}}, "$ref": "#/$defs/a"},
        {"not": {"type": "string"}},
        {"if": {"type": "string"}, "then": False},
        {"uniqueItems": True},
        {"contains": {"type": "string"}},
        {"unevaluatedProperties": False},
        {"dependentSchemas": {"a": False}},
        {"format": "email", "title": "An address", "default": 3},
        {"pattern": "^(?=a)"},
    ],
)
def test_what_reaches_further_or_takes_long_is_left_out(schema: dict[str, Any]) -> None:
    assert weak(schema) == {}
    assert weak({"type": "array", "items": schema}) == {"type": "array", "items": {}}


def test_one_of_several_is_any_of_them() -> None:
    assert weak({"oneOf": [{"const": 1}, {"const": 2}]}) == {"anyOf": [{"const": 1}, {"const": 2}]}
    assert weak({"anyOf": [{"const": 1}], "oneOf": [{"const": 2}]}) == {"anyOf": [{"const": 1}]}


def test_properties_that_a_pattern_would_allow_are_not_refused() -> None:
    assert weak({"additionalProperties": False, "patternProperties": {"^x": {}}}) == {}


def test_what_is_no_schema_says_nothing() -> None:
    assert weak([]) == weak({"properties": 3, "anyOf": [], "pattern": 3}) == {}
    assert weak({"items": [{"type": "string"}]}) == {"items": {}}


def test_of_a_deep_schema_the_top_is_left() -> None:
    deep: Any = {"type": "string"}
    for _ in range(1000):
        deep = {"items": deep}
    levels = 0
    found = weak(deep)
    while found:
        found, levels = found["items"], levels + 1
    assert levels == 40
