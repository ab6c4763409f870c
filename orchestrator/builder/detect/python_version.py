"""Which Python a repo wants: an exact one for preference, and the bounds it must stay in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from orchestrator.builder import tool_versions
from orchestrator.builder.dependencies import poetry
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree

KNOWN: Final = ("3.12", "3.13", "3.11", "3.14")
"""What can be asked for, best first: wheels are most likely to exist for a version that is neither new nor old."""

_MINOR: Final = re.compile(r"(?:python-|cpython-)?(\d+\.\d+)(?:\.\d+|\.\*)?\s*")


@dataclass(frozen=True, slots=True)
class PythonWish:
    """`preferred` is a version like 3.12, and its source; `bounds` are those of requires-python or Poetry, such as ``>=3.11``."""

    preferred: str | None = None
    source: str = ""
    bounds: str = ""

    def is_met_by(self, version: str) -> bool:
        """Whether this version is good enough to look for no other."""
        return self.admits(version) and self.preferred in (None, version)

    def admits(self, version: str) -> bool:
        """Whether the repo's code may run on it: any patch release of it is meant."""
        return any(SpecifierSet(self.bounds).contains(f"{version}.{patch}") for patch in (0, 99))

    def candidates(self) -> tuple[str, ...]:
        """The versions to look for, best first. Raises BadSource when there are none."""
        first = [self.preferred] if self.preferred and self.admits(self.preferred) else []
        found = tuple(dict.fromkeys([*first, *filter(self.admits, KNOWN)]))
        if not found:
            raise BadSource(
                f"pyproject.toml wants Python '{self.bounds}', and tasks run on Python {', '.join(sorted(KNOWN))}: "
                "widen it"
            )
        return found

    def note(self, version: str) -> str | None:
        """What to tell when the version is not the one that was asked for."""
        if self.preferred in (None, version):
            return None
        return f"Python {self.preferred} ({self.source}) is not to be had here: this is {version}"


def wanted(tree: FileTree, *said: tuple[str, str]) -> PythonWish:
    """What is `said`, each with who says it, else what the files of the repo do; and what pyproject.toml allows."""
    bounds = _bounds(tree)
    for source, text in (*said, *_of_files(tree)):
        lines = text.strip().splitlines()
        if lines and (found := _MINOR.fullmatch(lines[0].strip())):
            return PythonWish(found[1], source, bounds)
    return PythonWish(bounds=bounds)


def _of_files(tree: FileTree) -> Iterator[tuple[str, str]]:
    yield ".python-version", tree.texts.get(".python-version", "")
    yield from tool_versions.pinned(tree, "python")
    yield "runtime.txt", tree.texts.get("runtime.txt", "")
    requires = _table(tree, "Pipfile").get("requires", {})
    yield "Pipfile", str(requires.get("python_version", "")) if isinstance(requires, dict) else ""


def _bounds(tree: FileTree) -> str:
    try:
        found = _table(tree, "pyproject.toml")
        if bounds := found.get("project", {}).get("requires-python", ""):
            return str(SpecifierSet(bounds))
        wish = found.get("tool", {}).get("poetry", {}).get("dependencies", {}).get("python", "")
        return str(Requirement(poetry.requirement("python", wish, "pyproject.toml")).specifier) if wish else ""
    except (InvalidSpecifier, AttributeError, BadSource):
        return ""  # whoever reads the dependencies says what is wrong with the file


def _table(tree: FileTree, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(tree.texts.get(path, ""))
    except tomllib.TOMLDecodeError:
        return {}
