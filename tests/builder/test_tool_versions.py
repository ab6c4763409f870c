from __future__ import annotations

import pytest

from orchestrator.builder.tool_versions import pinned
from tests.builder.detect.repos import tree_of


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".tool-versions", "# ours\nruby 3.3.0\nnodejs 20.11.0 18.0.0  # for the page\n"),
        ("mise.toml", '[tools]\nnode = "20.11.0"\n'),
        (".mise.toml", '[tools]\nnode = ["20.11.0", "18"]\n'),
        ("mise.toml", '[tools]\nnode = { version = "20.11.0" }\n'),
    ],
)
def test_a_tool_is_found_by_either_of_its_names(path: str, text: str) -> None:
    assert list(pinned(tree_of({path: text}), "node", "nodejs")) == [(path, "20.11.0")]


@pytest.mark.parametrize(
    "files",
    [
        {".tool-versions": "python"},
        {".tool-versions": "node system"},
        {".tool-versions": "node ref:main"},
        {"mise.toml": "[tools"},
        {"mise.toml": "tools = 3"},
        {"mise.toml": "[tools]\nnode = []"},
        {"mise.toml": "[tools]\npython = '3.12'"},
    ],
)
def test_what_names_no_version_says_nothing(files: dict[str, str]) -> None:
    assert list(pinned(tree_of(files), "node")) == []
