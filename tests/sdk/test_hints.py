from __future__ import annotations

import functools
import typing
from typing import Any, Optional, Union

import pytest

from orchestrator_sdk import hints

NAMES = {"Widget": float, "int": int}


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        (int, int),
        ("int", int),
        ("'int'", int),
        (typing.ForwardRef("Widget"), float),
        ("list[Widget]", list[float]),
        ("OnlyForTypeCheckers", "OnlyForTypeCheckers"),
        ("1 / 0", "1 / 0"),
    ],
)
def test_an_annotation_becomes_what_it_names_or_stays_text(annotation: Any, found: Any) -> None:
    assert hints.resolve(annotation, NAMES) == found


def test_a_name_of_the_class_itself_comes_first() -> None:
    assert hints.resolve("Widget", NAMES, {"Widget": str}) is str


@pytest.mark.parametrize("union", [int | str, Union[int, str]])  # noqa: UP007
def test_every_way_to_write_a_union_has_its_members(union: Any) -> None:
    assert hints.union_members(union) == (int, str)


def test_an_optional_is_a_union_and_a_class_is_none() -> None:
    assert hints.union_members(Optional[int]) == (int, type(None))  # noqa: UP045
    assert hints.union_members(int) == (int,)


@pytest.mark.parametrize(
    ("annotation", "words"),
    [(int, "int"), ("int", "int"), (list[int], "list[int]"), (typing.Optional[int], "Optional[int]")],  # noqa: UP045
)
def test_an_annotation_is_described_as_one_writes_it(annotation: Any, words: str) -> None:
    assert hints.describe(annotation) == words


def test_the_function_below_all_decorators_is_found() -> None:
    def inner() -> None: ...

    outer = functools.wraps(inner)(lambda: functools.wraps(inner)(inner))
    assert hints.unwrapped(outer) is inner


def test_a_function_that_wraps_itself_ends_the_search() -> None:
    def odd() -> None: ...

    odd.__wrapped__ = odd  # type: ignore[attr-defined]
    assert hints.unwrapped(odd) is odd


def test_a_class_has_its_own_annotations_and_not_its_bases() -> None:
    class Base:
        one: int

    class Derived(Base):
        two: str

    assert list(hints.own(Derived)) == ["two"]
