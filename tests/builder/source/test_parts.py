from __future__ import annotations

from orchestrator.builder.source import parts
from tests.builder.detect.repos import tree_of


def test_folders_with_dependencies_of_their_own_are_parts_and_the_top_is_none() -> None:
    repo = tree_of(
        {
            "package.json": "",
            "b/c/pyproject.toml": "",
            "docs/requirements.txt": "",
            "a/requirements.txt": "",
            "x/y/z/package.json": "",
        }
    )
    assert parts.hint(repo) == "; or deploy a part of the repo, with --root-dir a (or b/c)"
    assert parts.hint(tree_of({"requirements.txt": "", "a/b.py": ""})) == ""
