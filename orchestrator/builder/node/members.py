"""The packages of a workspace that one of them depends on."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.node import manifest
from orchestrator.builder.node.manifest import Manifest
from orchestrator.builder.source.tree import FileTree

_BUILD: Final = "build"


def to_build(repo: FileTree, folder: str) -> list[str]:
    """The folders with a build script that the part in `folder` needs, each behind those that it needs itself; it is the last."""
    packages = _packages(repo)
    needed = _needed(folder, packages, {found.name: place for place, found in packages.items() if found.name}, set())
    return [place for place in needed if _BUILD in packages[place].scripts]


def _packages(repo: FileTree) -> dict[str, Manifest]:
    """All that a repo has, by their folders; a file that is none is somebody else's business."""
    found = {}
    for path in repo.texts:
        if posixpath.basename(path) == manifest.NAME:
            with suppress(BadSource):
                found[posixpath.dirname(path)] = manifest.read(repo, posixpath.dirname(path))
    return found


def _needed(folder: str, packages: dict[str, Manifest], places: dict[str, str], seen: set[str]) -> Iterator[str]:
    seen.add(folder)
    for name in packages[folder].dependencies:
        place = places.get(name, folder)
        if place not in seen:
            yield from _needed(place, packages, places, seen)
    yield folder
