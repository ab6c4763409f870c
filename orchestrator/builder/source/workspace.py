"""A part of a repo that is installed with the whole: a member of a workspace, whose lock lies above it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from orchestrator.builder.node import manifest
from orchestrator.builder.source.tree import FileTree

_PNPM: Final = "pnpm-workspace.yaml"
_PYPROJECT: Final = "pyproject.toml"
_UV: Final = "[tool.uv.workspace]"
TOPS: Final = (manifest.NAME, _PYPROJECT)
"""The files at a workspace's top whose text tells that it is one."""


def telling(folder: str) -> tuple[str, ...]:
    """The files of a repo that tell whether `folder` is a member of it."""
    return (*TOPS, _PNPM, *(f"{folder}/{name}" for name in TOPS))


def has_member(tree: FileTree, folder: str) -> bool:
    """Whether `folder` is a package of the workspace that the tree's top is."""
    if has_member_of_uv(tree, folder):
        return True
    if not folder or f"{folder}/{manifest.NAME}" not in tree:
        return False
    return _PNPM in tree or manifest.read(tree).has_workspaces


def has_member_of_uv(tree: FileTree, folder: str) -> bool:
    """Whether it is one of Python's, which uv installs."""
    return bool(folder) and f"{folder}/{_PYPROJECT}" in tree and _UV in tree.texts.get(_PYPROJECT, "")


def is_member(root: Path, folder: str) -> bool:
    """The same of a folder on disk. Raises BadSource for a package.json that is none."""
    texts = {name: (root / name).read_text("utf-8", "replace") for name in telling(folder) if (root / name).is_file()}
    return has_member(FileTree(dict.fromkeys(texts, ""), texts), folder)
