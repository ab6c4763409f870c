"""Whether a repo has anything to do with an SDK: a program that has not registers nothing, however long it is waited for."""

from __future__ import annotations

import re
from typing import Final

from orchestrator.builder.node.program import ANSWERED
from orchestrator.builder.source.tree import FileTree

_NAMES: Final = ("RENDER_SDK_", "orchestrator_sdk", "orchestrator-sdk", "render_sdk", "render-sdk", *ANSWERED)
_IMPORTS_RENDER: Final = re.compile(r"^[ \t]*(?:from[ \t]+render\b|import\b[^\n]*\brender\b)", re.MULTILINE)
"""An early name of the official package; what is imported by that name from elsewhere is something else."""
_PROGRAMS: Final = (".py", ".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")
_CLOSED: Final = (".pyc", ".so", ".whl", ".egg", ".zip")


def is_named(tree: FileTree) -> bool:
    """Whether a file names one, as its imports or lists of dependencies do, or might, for it was not read."""
    unread = (path for path in tree.digests if path.endswith((*_PROGRAMS, *_CLOSED)) and path not in tree.texts)
    return any(_names_one(path, text) for path, text in tree.texts.items()) or next(unread, None) is not None


def may_be_used(tree: FileTree) -> bool:
    """Whether a file names one, or all programs are in languages that have none and speak for themselves."""
    return is_named(tree) or not any(path.endswith(_PROGRAMS) for path in tree.digests)


def _names_one(path: str, text: str) -> bool:
    return any(name in text for name in _NAMES) or (path.endswith(".py") and bool(_IMPORTS_RENDER.search(text)))
