"""What a repo's manifest lists, as far as an image must know: all else is read by the tool that installs it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from packaging.utils import canonicalize_name

from orchestrator.builder.dependencies import poetry, pyproject, requirements
from orchestrator.builder.errors import BadSource
from orchestrator.builder.official_sdk.package import NAMES, Asked, asked_in
from orchestrator.builder.source.tree import FileTree

_LOCKED: Final = re.compile(r'name = "([\w.-]+)"\s+version = "([^"]+)"')
"""How uv, poetry, pdm and pylock.toml begin the entry of a package."""
_LOCKED_BY_PIPENV: Final = re.compile(r'"(render[-_.]?\w*)": \{[^{}]*"version": "==([^"]+)"')


def official(tree: FileTree, source: str) -> list[Asked]:
    """The requirements of the official package in the manifest `source`. Raises BadSource."""
    content = pyproject.read(tree, source)
    project = pyproject.table(content, "project").get("dependencies", [])
    if not isinstance(project, list) or not all(isinstance(line, str) for line in project):
        raise BadSource(f'{source}: [project] dependencies must be a list of strings, like ["requests>=2"]')
    tables = (pyproject.table(content, "tool", "poetry", "dependencies"), pyproject.table(content, "packages"))
    lines = [*project, *(line for table in tables for line in _official(table, source))]
    return [asked for line in lines if (asked := asked_in(line, source))]


def is_nothing(tree: FileTree, source: str) -> bool:
    """Whether it lists nothing that an image does not have anyway."""
    content = pyproject.read(tree, source)
    project = pyproject.table(content, "project")
    poetry_table = pyproject.table(content, "tool", "poetry", "dependencies")
    lists = [*(project.get("dependencies") or []), *(name for name in poetry_table if name != "python")]
    lists += pyproject.table(content, "packages")
    has_more = pyproject.is_computed(content, "dependencies")
    return not has_more and all(requirements.requirement_name(str(line)) in requirements.PROVIDED for line in lists)


def locked_versions(text: str) -> dict[str, str]:
    """The versions that a lock has of the official package, by name."""
    found = (*_LOCKED.findall(text), *_LOCKED_BY_PIPENV.findall(text))
    return {name: version for one, version in found if (name := canonicalize_name(one)) in NAMES}


def _official(table: Mapping[str, Any], source: str) -> Iterable[str]:
    return (poetry.requirement(name, wish, source) for name, wish in table.items() if canonicalize_name(name) in NAMES)
