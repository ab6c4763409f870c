"""Versions that a repo pins for all of its tools, as asdf and mise read them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from orchestrator.builder.source.tree import FileTree

ASDF: Final = ".tool-versions"
MISE: Final = ("mise.toml", ".mise.toml")
_VERSION: Final = re.compile(r"v?\d[\w.]*|lts(?:/\w+)?|latest")
"""What is a path, a Git reference or the system's own means nothing in an image."""


def pinned(tree: FileTree, *names: str) -> Iterator[tuple[str, str]]:
    """Each file that pins the tool of these names, and the version, of several the first."""
    found = {ASDF: _of_asdf(tree.texts.get(ASDF, ""), names)}
    found |= {path: _of_mise(tree.texts.get(path, ""), names) for path in MISE}
    return ((path, version) for path, version in found.items() if _VERSION.fullmatch(version))


def _of_asdf(text: str, names: tuple[str, ...]) -> str:
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return next((words[1] for words in lines if len(words) > 1 and words[0] in names), "")


def _of_mise(text: str, names: tuple[str, ...]) -> str:
    try:
        tools = tomllib.loads(text).get("tools", {})
        return next((_first(tools[name]) for name in names if name in tools), "")
    except (tomllib.TOMLDecodeError, TypeError):
        return ""  # mise says what is wrong with its file


def _first(wish: Any) -> str:
    """Of a text, a list of them or a table."""
    if isinstance(wish, list):
        return _first(wish[0]) if wish else ""
    return str(wish.get("version", "")) if isinstance(wish, dict) else str(wish)
