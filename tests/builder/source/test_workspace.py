"""Which folders are installed with the repo around them."""

from __future__ import annotations

import pytest

from orchestrator.builder.source import workspace
from orchestrator.builder.source.tree import FileTree

MEMBER = {"packages/a/package.json": "{}"}
UV = {"pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]\n', "packages/a/pyproject.toml": ""}
NPM = {"package.json": '{"workspaces": ["packages/*"]}'}


@pytest.mark.parametrize(
    ("files", "folder", "is_member"),
    [
        ({**MEMBER, **NPM}, "packages/a", True),
        ({**MEMBER, "package.json": "{}", "pnpm-workspace.yaml": ""}, "packages/a", True),
        ({**MEMBER, "package.json": "{}"}, "packages/a", False),
        ({**MEMBER, **NPM}, "packages", False),
        ({**MEMBER, **NPM}, "", False),
        (MEMBER, "packages/a", False),
        (UV, "packages/a", True),
        ({**UV, "pyproject.toml": "[project]"}, "packages/a", False),
        (UV, "packages/b", False),
    ],
)
def test_a_member_is_a_package_below_a_workspace(files: dict[str, str], folder: str, is_member: bool) -> None:
    assert workspace.has_member(FileTree(dict.fromkeys(files, "-"), files), folder) is is_member
