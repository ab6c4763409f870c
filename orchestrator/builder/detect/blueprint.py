"""What a repo's render.yaml says of its workflow."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree

FILES: Final = ("render.yaml", "render.yml")


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One service of type workflow; what the file leaves out is empty."""

    name: str = ""
    root_dir: str = ""
    start_command: str = ""
    build_command: str = ""
    runtime: str = ""

    def options(self) -> str:
        """How to deploy this one by name."""
        options = {"--name": self.name, "--root-dir": self.root_dir, "--start-command": repr(self.start_command)}
        return " ".join(f"{option} {value}" for option, value in options.items() if value.strip("'"))


def read(tree: FileTree, start_command: str | None) -> Blueprint:
    """The workflow of the repo's blueprint; an empty one when there is none, or a start command was given instead.

    Raises BadSource when the file has several, or cannot be read.
    """
    name = next((name for name in FILES if name in tree.texts), None)
    if name is None or (start_command or "").strip():
        return Blueprint()
    try:
        found = [
            _blueprint(one) for one in _services(yaml.safe_load(tree.texts[name])) if one.get("type") == "workflow"
        ]
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise BadSource(f"{name} cannot be read: {error}") from error
    if len(found) > 1:
        choices = "; or ".join(one.options() for one in found)
        raise BadSource(f"{name} has {len(found)} workflows: choose one with {choices}")
    return found[0] if found else Blueprint()


def _services(content: Any) -> Iterator[dict[str, Any]]:
    """The services of the file, and those of its projects' environments."""
    for part in [
        content or {},
        *(one for project in (content or {}).get("projects") or [] for one in _within(project)),
    ]:
        yield from part.get("services") or []


def _within(project: dict[str, Any]) -> list[dict[str, Any]]:
    return project.get("environments") or []


def _blueprint(service: dict[str, Any]) -> Blueprint:
    root_dir = posixpath.normpath(str(service.get("rootDir") or ".").strip("/") or ".")
    return Blueprint(
        name=str(service.get("name") or ""),
        root_dir="" if root_dir == "." else root_dir,
        start_command=str(service.get("startCommand") or "").strip(),
        build_command=str(service.get("buildCommand") or "").strip(),
        runtime=str(service.get("runtime") or service.get("env") or ""),
    )
