from __future__ import annotations

import tomllib

import pytest

from orchestrator.builder.dependencies.poetry import requirement
from orchestrator.builder.errors import BadSource


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ('a = "*"', "a"),
        ('a = "^0.6.0"', "a<0.7.0,>=0.6.0"),
        ('a = "~1"', "a<2,>=1"),
        ('a = {version = "^2.0", extras = ["x", "y"]}', "a[x,y]<3.0,>=2.0"),
        ('a = {git = "https://example.org/a.git", tag = "v1"}', "a @ git+https://example.org/a.git@v1"),
    ],
)
def test_a_wish_becomes_a_requirement(written: str, line: str) -> None:
    assert requirement("a", tomllib.loads(written)["a"], "pyproject.toml") == line


@pytest.mark.parametrize("wish", ["^1 || ^2", 3, "^x"])
def test_what_there_are_no_words_for_is_refused_with_the_way_out(wish: object) -> None:
    with pytest.raises(BadSource, match=r"pyproject.toml: a = .* is not understood: write it as"):
        requirement("a", wish, "pyproject.toml")
