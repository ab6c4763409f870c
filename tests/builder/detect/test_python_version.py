"""Which Python a repo wants."""

from __future__ import annotations

import pytest

from orchestrator.builder.detect.python_version import KNOWN, wanted
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree


def repo(**texts: str) -> FileTree:
    return FileTree(dict.fromkeys(texts, "digest"), texts)


def requires(bounds: str) -> str:
    return f'[project]\nname = "w"\nrequires-python = "{bounds}"\n'


def test_a_repo_that_says_nothing_takes_whatever_there_is() -> None:
    assert wanted(repo()).is_met_by("3.11")


@pytest.mark.parametrize("written", ["3.13", "3.13.2", "3.13\n", "python-3.13.1", "cpython-3.13"])
def test_a_version_is_named_by_its_minor(written: str) -> None:
    assert wanted(repo(**{".python-version": written})).candidates()[0] == "3.13"


def test_the_environment_outranks_the_file_and_the_file_the_older_file() -> None:
    files = {".python-version": "3.13", "runtime.txt": "python-3.11.4"}
    assert wanted(repo(**files), ("PYTHON_VERSION", "3.14.0")).preferred == "3.14"
    assert wanted(repo(**files)).preferred == "3.13"
    assert wanted(repo(**{"runtime.txt": "python-3.11.4"})).preferred == "3.11"


def test_what_names_no_version_is_no_wish() -> None:
    assert wanted(repo(**{".python-version": "pypy3.10"}), ("PYTHON_VERSION", "")).preferred is None


@pytest.mark.parametrize(
    ("bounds", "found"),
    [(">=3.10", set(KNOWN)), (">=3.12,<4.0", {"3.12", "3.13", "3.14"}), ("<3.12", {"3.11"}), ("==3.13.*", {"3.13"})],
)
def test_only_versions_within_requires_python_are_looked_for(bounds: str, found: set[str]) -> None:
    assert set(wanted(repo(**{"pyproject.toml": requires(bounds)})).candidates()) == found


def test_a_bound_on_the_patch_release_is_met_by_the_newest() -> None:
    assert wanted(repo(**{"pyproject.toml": requires(">=3.12.4")})).is_met_by("3.12")


def test_a_preferred_version_outside_the_bounds_is_not_looked_for() -> None:
    files = {".python-version": "3.11", "pyproject.toml": requires(">=3.13")}
    assert "3.11" not in wanted(repo(**files)).candidates()


def test_a_version_nobody_has_is_refused_with_what_there_is() -> None:
    with pytest.raises(BadSource, match=r"wants Python '>=3.99', and tasks run on Python 3.11, 3.12"):
        wanted(repo(**{"pyproject.toml": requires(">=3.99")})).candidates()


def test_another_version_than_the_preferred_one_is_told() -> None:
    wish = wanted(repo(**{".python-version": "3.12"}))
    assert wish.note("3.13") == "Python 3.12 (.python-version) is not to be had here: this is 3.13"
    assert wish.note("3.12") is None


@pytest.mark.parametrize("text", ["not toml [", requires("newest please"), "project = 3"])
def test_a_broken_pyproject_bounds_nothing(text: str) -> None:
    assert set(wanted(repo(**{"pyproject.toml": text})).candidates()) == set(KNOWN)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".tool-versions", "python 3.13.1"),
        ("mise.toml", '[tools]\npython = "3.13"'),
        ("Pipfile", '[requires]\npython_version = "3.13"'),
    ],
)
def test_other_files_say_it_too(path: str, text: str) -> None:
    wish = wanted(repo(**{path: text}))
    assert (wish.preferred, wish.source) == ("3.13", path)


@pytest.mark.parametrize(("wish", "bounds"), [('"^3.12"', "<4.0,>=3.12"), ('"*"', ""), ("3", ""), ('"?"', "")])
def test_poetrys_python_is_a_bound(wish: str, bounds: str) -> None:
    assert wanted(repo(**{"pyproject.toml": f"[tool.poetry.dependencies]\npython = {wish}"})).bounds == bounds
