from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.ignore import parse


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        "sub/.git/HEAD",
        ".venv/bin/python",
        "a/__pycache__/a.cpython-311.pyc",
        "old.pyc",
        "node_modules/x/index.js",
        ".env",
        "service/.env",
        ".env.production",
    ],
)
def test_clutter_and_secrets_stay_behind_by_default(path: str) -> None:
    assert parse().excludes(path)


@pytest.mark.parametrize("path", ["main.py", ".env.example", "environment.py", "src/venv.py", ".github/x.yml", "git/a"])
def test_what_only_resembles_them_is_kept(path: str) -> None:
    assert not parse().excludes(path)


@pytest.mark.parametrize(
    ("pattern", "excluded", "kept"),
    [
        ("data", "data/a/b.csv", "src/data/a.csv"),
        ("/data/", "data/a.csv", "database.py"),
        ("**/data", "src/data/a.csv", "mydata/a.csv"),
        ("*.csv", "a.csv", "data/a.csv"),
        ("**/*.csv", "data/a.csv", "data/a.csv.py"),
        ("data/*/raw", "data/x/raw/a", "data/x/y/raw/a"),
        ("data/**", "data/x/y", "data.py"),
        ("file?.txt", "file1.txt", "file10.txt"),
        ("file[0-3].txt", "file2.txt", "file7.txt"),
        ("file[^0-3].txt", "file7.txt", "file2.txt"),
        (r"a\*.txt", "a*.txt", "ab.txt"),
    ],
)
def test_patterns_mean_what_they_do_in_docker(pattern: str, excluded: str, kept: str) -> None:
    rules = parse(f"# comment\n\n{pattern}\n")
    assert (rules.excludes(excluded), rules.excludes(kept)) == (True, False)


def test_the_last_matching_rule_decides() -> None:
    rules = parse("data\n!data/keep.csv\n")
    assert (rules.excludes("data/a.csv"), rules.excludes("data/keep.csv")) == (True, False)


def test_a_default_can_be_brought_back_by_name() -> None:
    assert not parse("!.env").excludes(".env")


def test_a_pattern_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(BadSource, match=r"\[z-a\]"):
        parse("[z-a].txt")


_MEANING = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_WORD = st.sampled_from(["a", "b", "?", "*", "ab", "*a", "a*b*a"])


@given(st.lists(st.one_of(_WORD, st.just("**")), min_size=1, max_size=5), st.text("ab/", min_size=1, max_size=12))
def test_a_pattern_matches_what_trying_everything_would(words: list[str], path: str) -> None:
    pattern = "/".join(words)
    tokens = re.findall(r"\*\*/|\*\*|.", pattern)
    slowly = re.compile("".join(_MEANING.get(token, token) for token in tokens) + "(/.*)?", re.DOTALL)
    assert parse(pattern).rules[-1].expression.fullmatch(path) is not None or not slowly.fullmatch(path)
    assert slowly.fullmatch(path) is not None or not parse(pattern).rules[-1].expression.fullmatch(path)


@pytest.mark.parametrize("pattern", ["*a" * 10 + "b", "**/" + "*a" * 10 + "b", "**a" * 10 + "b", "**/*a/" * 8 + "b"])
@pytest.mark.timeout(20)
def test_no_pattern_takes_for_ever(pattern: str) -> None:
    assert not parse(pattern).excludes("a" * 200 + "/a" * 200)
