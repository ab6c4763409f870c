"""What a repo wants installed, in the words pip understands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from orchestrator.builder.dependencies import locks, poetry, requirements
from orchestrator.builder.errors import BadSource
from orchestrator.builder.official_sdk import package
from orchestrator.builder.official_sdk.generation import Finding
from orchestrator.builder.official_sdk.package import Asked, asked_in
from orchestrator.builder.source.tree import FileTree

GENERATED: Final = "requirements.txt"
"""The name under which the dependencies of a TOML file reach pip."""
CONSTRAINTS: Final = "orchestrator-constraints.txt"
"""What the repo's lock file pins, and what the generation of its tasks asks for."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What pip is given: `files` by path, `first` among them; `source` is the file a person would edit.

    `lock` pins versions; `constraint` is the one line of ours. `needs_app` is true when the repo's own code takes part, so
    that each change of code installs anew.
    """

    source: str
    first: str
    files: Mapping[str, str]
    needs_app: bool = False
    lock: locks.Lock | None = None
    constraint: str | None = None

    def all_files(self) -> dict[str, str]:
        """The files, and that of the constraints if there are any."""
        lines = (self.lock.constraints() if self.lock else []) + ([self.constraint] if self.constraint else [])
        return {**self.files, CONSTRAINTS: _text(lines)} if lines else dict(self.files)


def read(tree: FileTree, named: str | None = None) -> Dependencies | None:
    """What the repo lists, in the file that was `named` for a choice; None if that is nothing.

    Raises BadSource, saying what to change.
    """
    first = named or "requirements.txt"
    if named or first in tree:
        found = requirements.read(first, tree)
        return _unless_empty(Dependencies(first, first, found.files, found.needs_app))
    for source, lines_of in (("pyproject.toml", _pyproject), ("Pipfile", _pipfile)):
        if source in tree:
            lines = [
                line for line in lines_of(tree) if requirements.requirement_name(line) not in requirements.PROVIDED
            ]
            return _unless_empty(Dependencies(source, GENERATED, {GENERATED: _text(lines)}, lock=locks.read(tree)))
    return None


def fitted(found: Dependencies | None, generation: Finding) -> tuple[Dependencies | None, tuple[str, ...]]:
    """The same with the official package in a version for the generation, and what to tell about it. Raises BadSource."""
    if found is None:
        return None, ()
    lock = found.lock
    pins = lock.pins if lock else {}
    choice = package.choose(generation, list(_asked(found)), pins, lock.name if lock else None)
    if choice.is_ours:
        return _unless_empty(
            replace(found, files={path: _without(text) for path, text in found.files.items()})
        ), choice.notes
    if lock and choice.is_unlocked:
        lock = replace(lock, pins={name: pin for name, pin in pins.items() if name not in package.NAMES})
    return replace(found, lock=lock, constraint=choice.constraint), choice.notes


def _asked(found: Dependencies) -> Iterator[Asked]:
    for path, text in found.files.items():
        source = found.source if path == found.first else path
        yield from (asked for line in text.splitlines() if (asked := asked_in(line, source)))


def _without(text: str) -> str:
    return _text([line for line in text.splitlines() if asked_in(line, "") is None])


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _unless_empty(found: Dependencies) -> Dependencies | None:
    return found if any(text.strip() for text in found.files.values()) else None


def _pyproject(tree: FileTree) -> list[str]:
    """The lines of ``[project].dependencies``: the project itself is not installed, so code changes install nothing."""
    content = _toml(tree, "pyproject.toml")
    project = content.get("project")
    listed = project.get("dependencies") if isinstance(project, dict) else None
    if listed is None and (table := content.get("tool", {}).get("poetry", {}).get("dependencies")):
        return poetry.requirement_lines(table, "pyproject.toml")
    if isinstance(project, dict) and "dependencies" in (project.get("dynamic") or []):
        raise BadSource(
            "pyproject.toml computes its dependencies (dynamic): list them in [project] or in requirements.txt"
        )
    if not isinstance(listed or [], list) or not all(isinstance(line, str) for line in listed or []):
        raise BadSource('pyproject.toml: [project] dependencies must be a list of strings, like ["requests>=2"]')
    return listed or []


def _pipfile(tree: FileTree) -> list[str]:
    return poetry.requirement_lines(_toml(tree, "Pipfile").get("packages", {}), "Pipfile")


def _toml(tree: FileTree, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(tree.texts.get(name, ""))
    except tomllib.TOMLDecodeError as error:
        raise BadSource(f"{name} is not valid TOML: {error}") from error
