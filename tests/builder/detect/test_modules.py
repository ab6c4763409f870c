from __future__ import annotations

import ast

import pytest

from orchestrator.builder.detect.modules import Module, modules
from tests.builder.detect.repos import tree_of


def module(text: str) -> Module:
    ((found,), broken) = modules(tree_of({"a.py": text}))
    assert broken == []
    return found


@pytest.mark.parametrize(
    ("imported", "expression", "origin"),
    [
        ("from render_sdk import Workflows as W", "W", "render_sdk.Workflows"),
        ("import render_sdk.workflows", "render_sdk.workflows.task", "render_sdk.workflows.task"),
        ("import render_sdk.workflows as rw", "rw.task", "render_sdk.workflows.task"),
        ("from . import tasks", "tasks.app", "..tasks.app"),
        ("", "local", "local"),
        ("", "f().x", ""),
    ],
)
def test_a_name_is_traced_to_what_it_was_imported_as(imported: str, expression: str, origin: str) -> None:
    assert module(imported).origin(ast.parse(expression, mode="eval").body) == origin


def test_names_bound_to_a_call_are_found_at_any_depth() -> None:
    found = module("app = W()\nif True:\n    b: X = Y()\nprint(c := Z())\nd = 1\n")
    assert [name for name, _ in found.bound()] == ["app", "b", "c"]


def test_functions_are_found_at_any_depth() -> None:
    assert [one.name for one in module("def f():\n    async def g(): ...\n").functions()] == ["f", "g"]


def test_tests_and_environments_are_left_out_and_broken_files_named() -> None:
    tree = tree_of({"a.py": "", "tests/b.py": "", "test_c.py": "", "venv/d.py": "", "e.py": "def (", "f.txt": ""})
    found, broken = modules(tree)
    assert ([one.path for one in found], broken) == (["a.py"], ["e.py"])


@pytest.mark.parametrize(
    "text",
    [
        "type Number = int\n",
        "type Pair[A, B: (int, str)] = tuple[A, B]\n",
        "def first[T](items: list[T]) -> T: ...\n",
        "class Box[T]:\n    async def get[U: int](self): ...\n",
        "try: ...\nexcept ValueError, TypeError: ...\n",
    ],
)
def test_syntax_that_is_newer_than_the_python_that_reads_it_is_read(text: str) -> None:
    (found,) = [one for one in module(text + "def task(a: int): ...\n").functions() if one.name == "task"]
    assert found.lineno == text.count("\n") + 1
