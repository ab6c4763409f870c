"""A package.json, read."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree

NAME: Final = "package.json"
_LIFECYCLE: Final = ("preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare")
"""The scripts that installing runs."""
_FROM_THE_REPO: Final = ("file:", "link:", "portal:", "workspace:", "patch:", "./", "../")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What of a package.json concerns us; what is missing, or of another type than it should be, is empty."""

    name: str = ""
    main: str = ""
    scripts: Mapping[str, str] = field(default_factory=dict)
    dependencies: Mapping[str, str] = field(default_factory=dict)
    engine: str = ""
    package_manager: str = ""
    has_workspaces: bool = False
    has_patches: bool = False

    @property
    def needs_files(self) -> bool:
        """Whether installing needs other files of the repo: its scripts, or packages of its own."""
        runs = any(name in self.scripts for name in _LIFECYCLE)
        own = any(wanted.startswith(_FROM_THE_REPO) for wanted in self.dependencies.values())
        return runs or own or self.has_workspaces or self.has_patches


def read(tree: FileTree, folder: str = "") -> Manifest:
    """That of the tree's top, or of a folder in it; an empty one where there is none. Raises BadSource."""
    path = posixpath.join(folder, NAME)
    try:
        content = json.loads(tree.texts.get(path, "{}"))
    except ValueError as error:
        raise BadSource(f"{path} is not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise BadSource(f"{path} is not an object")
    kinds = (_texts(content, kind) for kind in ("dependencies", "devDependencies", "optionalDependencies"))
    return Manifest(
        name=_text(content, "name"),
        main=_text(content, "main").removeprefix("./"),
        scripts=_texts(content, "scripts"),
        dependencies={name: wanted for kind in kinds for name, wanted in kind.items()},
        engine=_texts(content, "engines").get("node", ""),
        package_manager=_text(content, "packageManager"),
        has_workspaces=bool(content.get("workspaces")),
        has_patches=any("patchedDependencies" in one for one in (content, _table(content, "pnpm"))),
    )


def _text(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key)
    return value if isinstance(value, str) else ""


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _texts(content: Mapping[str, Any], key: str) -> dict[str, str]:
    return {name: value for name, value in _table(content, key).items() if isinstance(value, str)}
