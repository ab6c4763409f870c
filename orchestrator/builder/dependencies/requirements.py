"""What a requirements.txt says, as far as an image needs to know: files it includes, folders it installs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from packaging.utils import canonicalize_name

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree

PROVIDED: Final = frozenset({"orchestrator-sdk"})
"""Baked into every image. Our own SDK is published on no index: whatever has its name there is somebody else's."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_INCLUDE: Final = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s*=\s*|\s*)(\S+)")
_EDITABLE: Final = re.compile(r"(?:-e|--editable)(?:\s*=\s*|\s+)(\S+)")
_FIND_LINKS: Final = re.compile(r"(?:-f|--find-links)(?:\s*=\s*|\s+)(\S+)")
_REMOTE: Final = re.compile(r"(?:\w+\+)?(?:https?|ssh|git)(?:\+\w+)?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Requirements:
    """All requirement files by path, without what the image provides anyway.

    `needs_app` is true when something is installed from the repo itself.
    """

    files: dict[str, str]
    needs_app: bool


def read(start: str, tree: FileTree) -> Requirements:
    """`start` and everything it includes. Raises BadSource for a file that is not there."""
    files: dict[str, str] = {}
    needs_app = False
    waiting = [(start, "")]
    while waiting:
        path, included_by = waiting.pop()
        if path not in files:
            lines = list(_logical_lines(_text(path, included_by, tree)))
            files[path] = "".join(f"{line}\n" for line in lines if requirement_name(line) not in PROVIDED)
            needs_app = needs_app or any(map(_is_local, lines))
            waiting += [(included, path) for line in lines if (included := _included(path, line))]
    return Requirements(dict(sorted(files.items())), needs_app)


def requirement_name(line: str) -> str | None:
    """The normalized name of the distribution a line asks for, or None when it is an option, a path or an address."""
    found = _NAME.match(line)
    return canonicalize_name(found[0]) if found and not _is_local(line) else None


def _text(path: str, included_by: str, tree: FileTree) -> str:
    if path in tree.texts:
        return tree.texts[path]
    if not included_by:
        raise BadSource(f"the build command installs {path}, which is not in the repo: correct it, or add the file")
    if path.startswith("../"):
        raise BadSource(
            f"{included_by} includes {path}, outside the deployed folder: move it inside, or deploy the folder above"
        )
    if path in tree:
        raise BadSource(f"{path} (included by {included_by}) is too large or not a .txt or .in file: rename it")
    raise BadSource(f"{included_by} includes {path}, which does not exist: add the file or remove the line")


def _logical_lines(text: str) -> Iterator[str]:
    """Lines without comments, continued ones joined."""
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        if stripped := re.sub(r"(^|\s)#.*$", "", line).strip():
            yield stripped


def _included(path: str, line: str) -> str | None:
    found = _INCLUDE.match(line)
    if not found or _REMOTE.match(found[1]):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), found[1]))


def _is_local(line: str) -> bool:
    """Whether the line installs from a path: ``-e .``, ``./pkg``, ``wheels/x.whl``, ``name @ file:…``, ``--find-links dir``."""
    if found := _EDITABLE.match(line) or _FIND_LINKS.match(line):
        return not _REMOTE.match(found[1])
    if line.startswith("-"):
        return False
    place = re.split(r";|\s--", line.split(" @ ", 1)[-1])[0].strip()
    return not _REMOTE.match(place) and ("/" in place or place == "." or place.endswith((".whl", ".tar.gz", ".zip")))
