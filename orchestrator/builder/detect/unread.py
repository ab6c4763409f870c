"""Files that look as if they listed dependencies, and are not read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from orchestrator.builder.source.tree import FileTree

_LISTS: Final = re.compile(
    r"(?:[\w.-]*requirements[\w.-]*\.(?:txt|in)|requirements/[\w.-]+\.(?:txt|in)|environment\.ya?ml)"
)
_NOT_FOR_RUNS: Final = re.compile(
    r"(?<![a-z])(?:dev|develop|development|tests?|testing|docs?|lint|ci|build|constraints?)(?![a-z])"
)
_SYSTEM: Final = ("Aptfile", "apt.txt", "packages.txt")
"""Of Heroku's buildpack, of notebooks' and of Streamlit's hosts."""
_PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]+")
_SHOWN: Final = 5


def notes(tree: FileTree, read: Collection[str], apt: Collection[str] = ()) -> tuple[str, ...]:
    """A line for lists of packages at the tree's top that are for runs, and one for the system's that are not in `apt`."""
    return (*_of_python(tree, read), *_of_system(tree, apt))


def _of_system(tree: FileTree, apt: Collection[str]) -> Iterator[str]:
    for path in _SYSTEM:
        lines = (line.partition("#")[0].strip() for line in tree.texts.get(path, "").splitlines())
        if missing := [line for line in lines if _PACKAGE.fullmatch(line) and line not in apt]:
            named = ", ".join(f'"{name}"' for name in missing)
            yield f"{path} is not read: what the tasks need of it is installed by apt = [{named}] in [tool.orchestrator]"


def _of_python(tree: FileTree, read: Collection[str]) -> tuple[str, ...]:
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
