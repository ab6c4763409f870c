"""What of a repo is many files and no program: it has a layer of its own, which a change of the code leaves as it is."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from orchestrator.builder.source.tree import FileTree

LEAST_FILES: Final = 1_000
"""Fewer are made anew faster than a layer more is made."""
_PROGRAMS: Final = (".py", ".pyi", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".sh")


@dataclass(frozen=True, slots=True)
class Bulk:
    """Folders, none of them inside another."""

    folders: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.folders)

    def divided(self, paths: Iterable[str]) -> tuple[list[str], list[str]]:
        """The paths that are, or are in, one of the folders; and the others."""
        inside: list[str] = []
        outside: list[str] = []
        folders = frozenset(self.folders)
        for path in paths:
            (inside if any(one in folders for one in _upwards(path)) else outside).append(path)
        return inside, outside


NO_BULK: Final = Bulk()


def find(tree: FileTree) -> Bulk:
    """The folders without a program, if all of them together have so many files."""
    counts: Counter[str] = Counter()
    with_programs = {""}
    for path in tree.digests:
        above = [*_upwards(posixpath.dirname(path))]
        counts.update(above)
        if path.endswith(_PROGRAMS):
            with_programs.update(above)
    folders = sorted(one for one in counts if one not in with_programs and posixpath.dirname(one) in with_programs)
    files = sum(counts[folder] for folder in folders)
    return Bulk(tuple(folders)) if LEAST_FILES <= files < len(tree.digests) else NO_BULK


def _upwards(path: str) -> Iterable[str]:
    """The path and all folders around it but the first."""
    while path:
        yield path
        path = posixpath.dirname(path)
