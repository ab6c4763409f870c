"""Inputs that a task would refuse are refused before it runs, and no others."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from orchestrator.core.task_input.arguments import refusal
from orchestrator.core.tasks import TaskSpec, check
from tests.core.task_input.test_signature import spec

ORDER = {
    "type": "object",
    "properties": {
        "item": {"type": "string", "minLength": 2},
        "sizes": {"type": "array", "items": {"type": "integer"}},
    },
    "required": ["item"],
}


def task(*schemas: dict[str, Any], is_checked: bool = True) -> TaskSpec:
    """A task with a parameter of each schema: a, b and so on, all but the first may be left out."""
    parameters = [
        {"name": "abc"[place], "kind": "positional_or_keyword", "schema": schema, "has_default": place > 0}
        | ({"is_checked": True} if is_checked else {})
        for place, schema in enumerate(schemas)
    ]
    (draft,) = check([{"name": "order", "parameters": parameters, "signature": "(a, b?)"}])
    return spec(draft)


def refused(of: TaskSpec, given: Any) -> str | None:
    return refusal(of, given, json.dumps(given, ensure_ascii=False))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([3], "argument 'a': 3 is not of type \"object\""),
        ([{}], "argument 'a': \"item\" is a required property"),
        ([{"item": "x"}], "argument 'a.item': \"x\" is shorter than 2 characters"),
        ([{"item": "hat", "sizes": [1, "L"]}], 'argument \'a.sizes[1]\': "L" is not of type "integer"'),
        ([{"item": "hat"}, "x"], 'argument \'b\': "x" is not of type "number"'),
        ({"a": {"item": "hat"}, "b": None}, "argument 'b': null is not of type \"number\""),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_is_wrong(given: Any, said: str) -> None:
    assert refused(task(ORDER, {"type": "number"}), given) == f"task 'order': {said}; its signature is (a, b?)"


@pytest.mark.parametrize("given", [[{"item": "hat"}], [{"item": "hat", "more": 1}, 2.5], {"a": {"item": "hat"}}])
def test_what_fits_is_taken(given: Any) -> None:
    assert refused(task(ORDER, {"type": "number"}), given) is None


def test_names_are_looked_at_first() -> None:
    assert "'a' is missing" in (refused(task(ORDER), {}) or "")


def test_schemas_that_are_only_shown_refuse_nothing() -> None:
    assert refused(task(ORDER, is_checked=False), [3]) is None


@pytest.mark.parametrize(
    "schema", [{"type": "nonsense"}, {"minLength": "x"}, {"pattern": "(?=x)"}, {"pattern": "("}, {"enum": 3}]
)
def test_a_schema_that_makes_no_sense_refuses_nothing(schema: dict[str, Any]) -> None:
    assert refused(task(schema), ["abc"]) is None


def test_patterns_are_checked() -> None:
    assert "does not match" in (refused(task({"type": "string", "pattern": "^[a-z]+@x$"}), ["a@y"]) or "")


@pytest.mark.parametrize("text", ["\ud800", "😀"])
def test_of_characters_that_languages_count_differently_the_task_decides(text: str) -> None:
    assert refused(task({"type": "string", "minLength": 2}), [text]) is None


def test_a_long_value_is_shown_in_part() -> None:
    said = refused(task({"type": "number"}), ["x" * 10_000])
    assert said is not None
    assert len(said) < 500


def test_what_would_take_long_is_left_to_the_task() -> None:
    harmful = {"items": {"anyOf": [{"const": number} for number in range(2000)]}}
    began_s = time.thread_time()
    assert refused(task(harmful), [[-1] * 100_000]) is None
    assert refused(task({"type": "string"}), [["x" * 300_000]]) is None
    assert time.thread_time() - began_s < 1, "hours, if it were looked at"
