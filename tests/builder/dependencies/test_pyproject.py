from __future__ import annotations

import pytest

from orchestrator.builder.dependencies import pyproject
from orchestrator.builder.errors import BadSource
from tests.builder.detect.repos import tree_of


def test_what_is_not_there_is_empty() -> None:
    assert pyproject.read(tree_of({})) == {}
    assert pyproject.table({"tool": {"uv": 1}}, "tool", "uv", "sources") == {}


def test_a_file_that_is_no_toml_is_named() -> None:
    with pytest.raises(BadSource, match=r"^Pipfile is not valid TOML"):
        pyproject.read(tree_of({"Pipfile": "[[pack"}), "Pipfile")


def test_a_field_may_be_left_to_who_builds_the_project() -> None:
    content = {"project": {"dynamic": ["version"]}}
    assert pyproject.is_computed(content, "version")
    assert not pyproject.is_computed(content, "dependencies")
