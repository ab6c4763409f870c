"""What a repo's render.yaml says of its workflow."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.text import unicode_text

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
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
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
    root_dir = posixpath.normpath(_text(service, "rootDir").strip("/") or ".")
    return Blueprint(
        name=_text(service, "name"),
        root_dir="" if root_dir == "." else root_dir,
        start_command=_text(service, "startCommand").strip(),
        build_command=_text(service, "buildCommand").strip(),
        runtime=_text(service, "runtime") or _text(service, "env"),
    )


def _text(service: dict[str, Any], key: str) -> str:
    """The value as text. Raises TypeError for what is none: of a list of lists of lists the text may have no end."""
    value = service.get(key) or ""
    if not isinstance(value, str | int | float) or not unicode_text(str(value)) == str(value):
        raise TypeError(f"{key} is not a text")
    return str(value)
