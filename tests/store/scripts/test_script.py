"""A script and its callers go by the same names, or the orchestrator does not start; None in one is nil in the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ResponseError

from orchestrator.store.connection import Client
from orchestrator.store.keys import Key
from orchestrator.store.scripts.script import Script, Signature

HEADER = """-- Answer with what was given.
--
-- KEYS place, other?, *many, *more
-- ARGS text,
--      ttl_ms?, is_new?
-- Returns all of it
"""
BODY = "return {place, other or 'nil', #many, #more, text, ttl_ms or 'nil', is_new or 'nil', more[1] or 'nil'}\n"


@dataclass(kw_only=True)
class Verb(Signature[list[Any]]):
    place: Key
    other: Key | None
    many: list[Key]
    more: list[Key]

    text: str
    ttl_ms: int | None
    is_new: bool


Load = Callable[[str], Any]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Makes a script of a text, with the signature above."""

    def load(text: str) -> Any:
        (tmp_path / "verb.lua").write_text(text)
        return Script("verb", Verb, tmp_path)

    return load


def given(**changes: Any) -> dict[str, Any]:
    return {"place": "p", "other": None, "many": [], "more": [], "text": "t", "ttl_ms": None, "is_new": False} | changes


@pytest.mark.parametrize(
    ("declared", "instead", "says"),
    [
        ("place, ", "", "only the script has nothing; only the signature has KEYS place"),
        ("text,", "text, colour,", "only the script has ARGS colour; only the signature has nothing"),
        ("text,", "txet,", "only the script has ARGS txet; only the signature has ARGS text"),
        ("text,", "text, text,", "only the script has ARGS text; only the signature has nothing"),
        ("ttl_ms?", "ttl_ms", "only the script has ARGS ttl_ms; only the signature has ARGS ttl_ms[?]"),
        ("*many", "many", "only the script has KEYS many; only the signature has KEYS [*]many"),
        ("ARGS text,", "ARGS place, text,", "only the script has ARGS place; only the signature has nothing"),
    ],
)
def test_a_header_that_is_not_the_signature_is_an_error_that_names_the_difference(
    load: Load, declared: str, instead: str, says: str
) -> None:
    assert declared in HEADER
    with pytest.raises(TypeError, match=f"verb.lua and Verb differ: {says}$"):
        load(HEADER.replace(declared, instead, 1) + BODY)


def test_a_name_that_is_misspelled_in_the_body_is_an_error(load: Load) -> None:
    with pytest.raises(TypeError, match=r"verb\.lua declares what it does not use: is_new"):
        load(HEADER + BODY.replace("is_new", "isnew"))


def test_a_body_that_counts_its_arguments_is_an_error(load: Load) -> None:
    with pytest.raises(TypeError, match=r"verb\.lua uses KEYS or ARGV"):
        load(HEADER + BODY.replace("place", "KEYS[1]", 1))


async def test_a_call_that_lacks_a_name_or_has_one_too_many_is_an_error(load: Load, store: Client) -> None:
    verb = load(HEADER + BODY).on(store)
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'text'"):
        await verb(**{name: value for name, value in given().items() if name != "text"})
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        await verb(**given(colour="red"))


async def test_none_and_false_are_nil_in_the_script(load: Load, store: Client) -> None:
    verb = load(HEADER + BODY).on(store)
    assert await verb(**given()) == ["p", "nil", 0, 0, "t", "nil", "nil", "nil"]


async def test_everything_arrives_under_its_name_and_numbers_as_text(load: Load, store: Client) -> None:
    verb = load(HEADER + BODY).on(store)
    answer = await verb(**given(other="o", many=["a", "b"], more=["c"], ttl_ms=0, is_new=True))
    assert answer == ["p", "o", 2, 1, "t", "0", "1", "c"]


async def test_the_line_that_an_error_names_is_the_files(load: Load, store: Client) -> None:
    text = HEADER + BODY.replace("return", "local unused = more[1] .. ''\nreturn")
    with pytest.raises(ResponseError, match=f":{text.splitlines().index(BODY.splitlines()[0])}:"):
        await load(text).on(store)(**given())
