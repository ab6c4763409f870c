"""A repo's pyproject.toml, read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree

NAME: Final = "pyproject.toml"


def read(tree: FileTree, name: str = NAME) -> dict[str, Any]:
    """Its content, or that of another TOML file; empty where there is none. Raises BadSource."""
    try:
        return tomllib.loads(tree.texts.get(name, ""))
    except tomllib.TOMLDecodeError as error:
        raise BadSource(f"{name} is not valid TOML: {error}") from error


def table(content: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The table at the end of the path, empty where there is none."""
    found: Any = content
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, dict) else {}


def is_computed(content: Mapping[str, Any], name: str) -> bool:
    """Whether a field of ``[project]`` is left to who builds the project."""
    dynamic = table(content, "project").get("dynamic")
    return isinstance(dynamic, list) and name in dynamic
