from __future__ import annotations

import tomllib

import pytest
from packaging.requirements import Requirement

from orchestrator.builder.dependencies.poetry import requirement_lines
from orchestrator.builder.errors import BadSource


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ('a = "*"', "a"),
        ('a = "1.2.3"', "a==1.2.3"),
        ('a = "^1.2.3"', "a<2.0.0,>=1.2.3"),
        ('a = "^0.6.0"', "a<0.7.0,>=0.6.0"),
        ('a = "^0.0.3"', "a<0.0.4,>=0.0.3"),
        ('a = "^0"', "a<1,>=0"),
        ('a = "~1.2.3"', "a<1.3.0,>=1.2.3"),
        ('a = "~1"', "a<2,>=1"),
        ('a = "~=1.4"', "a<2.0,>=1.4"),
        ('a = ">=1.2, <2"', "a<2,>=1.2"),
        ('a = ">=1.2 <2"', "a<2,>=1.2"),
        ('a = "1.2.*"', "a==1.2.*"),
        ('a = {version = "^2.0", extras = ["x", "y"]}', "a[x,y]<3.0,>=2.0"),
        ('a = {version = "*", python = ">=3.9,<3.12"}', 'a; python_version >= "3.9" and python_version < "3.12"'),
        ("a = {version = '1', markers = \"sys_platform == 'linux'\"}", 'a==1; sys_platform == "linux"'),
        ('a = {version = "1", platform = "linux"}', 'a==1; sys_platform == "linux"'),
        ('a = {version = "*", sys_platform = "== \'linux\'"}', 'a; sys_platform == "linux"'),
        ('a = {git = "https://example.org/a.git", tag = "v1"}', "a @ git+https://example.org/a.git@v1"),
        ('a = {git = "https://example.org/a.git", ref = "v1"}', "a @ git+https://example.org/a.git@v1"),
        (
            'a = {git = "https://example.org/a.git", tag = "v1", subdirectory = "x"}',
            "a @ git+https://example.org/a.git@v1#subdirectory=x",
        ),
        ('a = {url = "https://example.org/a-1-py3-none-any.whl"}', "a @ https://example.org/a-1-py3-none-any.whl"),
    ],
)
def test_a_wish_becomes_a_line_for_pip(written: str, line: str) -> None:
    assert requirement_lines(tomllib.loads(written), "pyproject.toml") == [line]
    Requirement(line)


def test_the_python_and_what_is_optional_are_left_out() -> None:
    table = tomllib.loads('python = "^3.11"\na = {version = "1", optional = true}\nb = ["1", {version = "2"}]')
    assert requirement_lines(table, "pyproject.toml") == ["b==1", "b==2"]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('a = "^1 || ^2"', "is not understood"),
        ("a = 3", "is not understood"),
        ('a = "^x"', "is not understood"),
        ('a = {git = "https://example.org/a.git", tag = "v1\\n-e."}', "is not understood"),
        ('a = {path = "../a"}', "list it in requirements.txt"),
    ],
)
def test_what_pip_has_no_words_for_is_refused_with_the_way_out(written: str, says: str) -> None:
    with pytest.raises(BadSource, match=says):
        requirement_lines(tomllib.loads(written), "pyproject.toml")
