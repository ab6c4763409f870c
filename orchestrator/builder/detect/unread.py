"""Files that look as if they listed dependencies, and are not read."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from orchestrator.builder.source.tree import FileTree

_LISTS: Final = re.compile(
    r"(?:[\w.-]*requirements[\w.-]*\.(?:txt|in)|requirements/[\w.-]+\.(?:txt|in)|environment\.ya?ml)"
)
_NOT_FOR_RUNS: Final = re.compile(
    r"(?<![a-z])(?:dev|develop|development|tests?|testing|docs?|lint|ci|build|constraints?)(?![a-z])"
)
_SHOWN: Final = 5


def notes(tree: FileTree, read: Collection[str]) -> tuple[str, ...]:
    """One line that names those of the tree's top that are for runs; nothing where there are none."""
    found = [path for path in sorted(tree.digests) if path not in read and _is_list(path, read)]
    if not found:
        return ()
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    example = next((path for path in found if path.endswith(".txt")), "requirements.txt")
    return (
        f"not read, though they look like dependencies: {', '.join(found[:_SHOWN])}{more}. What the tasks need of them is "
        f"installed by a build command, like pip install -r {example}",
    )


def _is_list(path: str, read: Collection[str]) -> bool:
    # What a .in file lists is in the .txt beside it, made of it.
    is_source = path.endswith(".in") and path.removesuffix(".in") + ".txt" in read
    return bool(_LISTS.fullmatch(path)) and not _NOT_FOR_RUNS.search(path.lower()) and not is_source
