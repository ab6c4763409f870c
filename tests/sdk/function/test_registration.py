from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from orchestrator_sdk import TaskContext
from orchestrator_sdk.function.registration import define, parameters


def made(source: str, **names: Any) -> Any:
    """The function of a module without ``from __future__ import annotations``."""
    namespace = dict(names)
    exec(compile(source, "main.py", "exec", dont_inherit=True), namespace)
    return namespace["task"]


def transparent(func: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return wrapper


def test_parameters_are_described_as_far_as_they_are_known() -> None:
    task = made(
        "def task(a, /, b: list[int], c: dict[str, int] | None = None, *args, d: float = 1.5, e=print, **rest): ..."
    )
    assert parameters(task) == [
        {"name": "a", "kind": "positional_only", "has_default": False},
        {
            "name": "b",
            "kind": "positional_or_keyword",
            "has_default": False,
            "type": "list",
            "schema": {"type": "array", "items": {"type": "integer"}},
        },
        {
            "name": "c",
            "kind": "positional_or_keyword",
            "has_default": True,
            "type": "dict[str, int] | None",
            "schema": {"anyOf": [{"type": "object", "additionalProperties": {"type": "integer"}}, {"type": "null"}]},
        },
        {"name": "args", "kind": "var_positional", "has_default": False},
        {
            "name": "d",
            "kind": "keyword_only",
            "has_default": True,
            "type": "float",
            "schema": {"type": "number"},
            "default_value": "1.5",
        },
        {"name": "e", "kind": "keyword_only", "has_default": True},
        {"name": "rest", "kind": "var_keyword", "has_default": False},
    ]


def test_a_default_is_told_as_json() -> None:
    (parameter,) = parameters(made("def task(on=today): ...", today=date(2026, 3, 4)))
    assert parameter["default_value"] == '"2026-03-04"'


def test_unevaluated_annotations_are_shown_as_written() -> None:
    assert parameters(made("def task(other: 'Unknown'): ...")) == [
        {"name": "other", "kind": "positional_or_keyword", "has_default": False, "type": "Unknown"}
    ]


def test_a_definition_says_to_which_signature_calls_must_bind() -> None:
    task = made("def task(a: int, context: TaskContext, b: 'date' = None): ...", TaskContext=TaskContext, date=date)
    assert define("t", task, {})["signature"] == "task(a: int, b: date = None)"


def test_what_a_decorator_wraps_need_not_be_called_by_its_signature() -> None:
    definition = define("t", transparent(made("def task(a: int): ...")), {})
    assert "signature" not in definition
    assert definition["parameters"] == [
        {"name": "a", "has_default": False, "type": "int", "schema": {"type": "integer"}}
    ]


def test_an_annotation_that_json_cannot_fill_is_said_when_it_is_registered(capsys: pytest.CaptureFixture[str]) -> None:
    task = made("def task(a: Connection | None, b: list['Gone']) -> Connection: ...", Connection=sqlite3.Connection)
    definition = define("t", task, {})
    assert [one.get("schema") for one in definition["parameters"]] == [None, None]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(
        "warning: task 't': parameter 'a' is annotated as Connection, which cannot be made from JSON"
    )
    assert lines[1].startswith("warning: task 't': parameter 'b' is annotated as Gone")
    assert lines[2].startswith("warning: task 't': its result is annotated as Connection")


def test_what_converts_is_registered_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    define("t", made("def task(a: date, b: object = None, *c: int) -> dict[str, date]: ...", date=date), {})
    assert capsys.readouterr().err == ""
