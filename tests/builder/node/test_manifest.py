"""What a package.json says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.builder.errors import BadSource
from orchestrator.builder.node import manifest
from orchestrator.builder.source.tree import FileTree


def read(content: Any) -> manifest.Manifest:
    text = content if isinstance(content, str) else json.dumps(content)
    return manifest.read(FileTree({"package.json": "-"}, {"package.json": text}))


@pytest.mark.parametrize(
    ("content", "needs_files"),
    [
        ({"dependencies": {"left-pad": "^1.0.0"}, "scripts": {"build": "tsc", "start": "node ."}}, False),
        ({"scripts": {"postinstall": "node scripts/p.js"}}, True),
        ({"scripts": {"prepare": "tsc"}}, True),
        ({"dependencies": {"x": "file:vendor/x.tgz"}}, True),
        ({"devDependencies": {"x": "workspace:*"}}, True),
        ({"workspaces": ["packages/*"]}, True),
        ({"pnpm": {"patchedDependencies": {"x@1.0.0": "patches/x.patch"}}}, True),
    ],
)
def test_scripts_and_packages_of_the_repo_need_its_files_when_they_are_installed(
    content: dict[str, Any], needs_files: bool
) -> None:
    assert read(content).needs_files is needs_files


def test_values_of_a_wrong_type_are_left_out() -> None:
    content = {"scripts": {"start": 1, "build": "tsc"}, "dependencies": [], "engines": "18", "main": 3}
    assert read(content) == manifest.Manifest(scripts={"build": "tsc"})


@pytest.mark.parametrize(("text", "says"), [("{", "not valid JSON"), ("[]", "not an object")])
def test_a_file_that_is_no_package_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadSource, match=says):
        read(text)
