"""The parts of a repo that could be deployed in its place: folders with dependencies of their own."""

from __future__ import annotations

import posixpath
from typing import Final

from orchestrator.builder.source.tree import FileTree

_OF_PYTHON: Final = ("requirements.txt", "pyproject.toml")
_MANIFESTS: Final = (*_OF_PYTHON, "package.json")
_OTHERS: Final = ("doc/", "docs/", "test/", "tests/")
"""Which need packages that no program does."""
_DEEPEST: Final = 2
_SHOWN: Final = 5


def has_own_dependencies(tree: FileTree, folder: str) -> bool:
    """Whether the folder, which is not the top, says which packages its Python code needs."""
    return bool(folder) and any(f"{folder}/{name}" in tree for name in _OF_PYTHON)


def hint(tree: FileTree) -> str:
    """How to deploy one of them, with a semicolon before it; nothing where there is none."""
    paths = (path for path in tree.digests if posixpath.basename(path) in _MANIFESTS and not path.startswith(_OTHERS))
    found = {folder for path in paths if 0 < _depth(folder := posixpath.dirname(path)) <= _DEEPEST}
    folders = sorted(found, key=lambda folder: (_depth(folder), folder))
    if not folders:
        return ""
    others = f" (or {', '.join(folders[1:_SHOWN])})" if len(folders) > 1 else ""
    return f"; or deploy a part of the repo, with --root-dir {folders[0]}{others}"


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0
