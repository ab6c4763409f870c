"""The package that a repo is itself, where it is one, and the modules of its own that code may import."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any, Final

from packaging.utils import canonicalize_name

from orchestrator.builder.dependencies import pyproject
from orchestrator.builder.source.tree import FileTree

_PRETENDED: Final = "0.0.0"
_ASKED_OF_GIT: Final = (
    *("SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "POETRY_DYNAMIC_VERSIONING_BYPASS", "PBR_VERSION"),
    "UV_DYNAMIC_VERSIONING_BYPASS",
)
"""Where each tool that asks Git for the version looks first: an image has no history."""
MODULES_LIMIT: Final = 200
_IS_TEST: Final = re.compile(r"(?:^|/)tests?/")


def is_there(tree: FileTree) -> bool:
    """Whether the repo says how it is built into a package, and has what goes into it."""
    content = pyproject.read(tree)
    tools = pyproject.table(content, "tool")
    if (
        pyproject.table(tools, "uv").get("package") is False
        or pyproject.table(tools, "poetry").get("package-mode") is False
    ):
        return False
    if "setup.py" in tree or "[metadata]" in tree.texts.get("setup.cfg", ""):
        return True
    poetry = pyproject.table(tools, "poetry")
    name = pyproject.table(content, "project").get("name") or poetry.get("name")
    if "build-system" not in content or not isinstance(name, str):
        return False
    return "poetry" not in str(pyproject.table(content, "build-system")) or _is_found(tree, name, poetry)


def pretended_version(tree: FileTree, is_alone: bool) -> str:
    """The variables for the shell that stand in for Git; `is_alone`: nothing but packages of the repo is built beside it."""
    names = _ASKED_OF_GIT if is_alone else _asked_for(pyproject.table(pyproject.read(tree), "project").get("name"))
    return f"export {' '.join(f'{one}={_PRETENDED}' for one in names)}\n" if names else ""


def _asked_for(name: object) -> tuple[str, ...]:
    return (f"{_ASKED_OF_GIT[0]}_FOR_{re.sub(r'[^A-Za-z0-9]+', '_', name).upper()}",) if isinstance(name, str) else ()


def source(tree: FileTree) -> str:
    """The file that says how it is built."""
    return next((name for name in (pyproject.NAME, "setup.cfg", "setup.py") if name in tree), pyproject.NAME)


def modules(tree: FileTree) -> tuple[str, ...]:
    """The names under which the repo's own code may be imported, the MODULES_LIMIT that lie highest."""
    paths = (path for path in tree.digests if path.endswith(".py") and not _IS_TEST.search(path))
    found: dict[str, None] = {}
    for path in sorted(paths, key=lambda path: path.count("/")):
        names = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
        found |= dict.fromkeys(name for name in names if name.isidentifier())
    return tuple(found)[:MODULES_LIMIT]


def _is_found(tree: FileTree, name: str, poetry: Mapping[str, Any]) -> bool:
    """Whether Poetry finds it: where it does not, its first release went on, and its second stops."""
    if poetry.get("packages") or poetry.get("include"):
        return True
    module = re.sub(r"[-.]", "_", canonicalize_name(name))
    places = (posixpath.join(folder, module) for folder in ("", "src"))
    return any(tree.has_folder(place) or f"{place}.py" in tree for place in places)
