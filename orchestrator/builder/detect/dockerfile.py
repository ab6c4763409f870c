"""A Dockerfile of the repo's own: which it is, and what in it would reach beyond its own image.

It is built as it stands, by a build of its own; nothing of it is a line of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree

NAME: Final = "Dockerfile"
_OFFICIAL: Final = re.compile(r"docker/dockerfile(-upstream)?(:[\w.-]+)?(@sha256:[0-9a-f]{64})?", re.ASCII)
_BEGINNING: Final = re.compile(r"\s*(#|//|$)")
"""A line before the first instruction, by any of BuildKit's readers: one of them takes directives for C's comments."""
_SYNTAX: Final = re.compile(r"\s*(?:#|//)\s*syntax\s*=\s*(.*?)\s*", re.IGNORECASE)
_SPACE: Final = r"[\t\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
"""What is one to BuildKit, which is written in Go; Python knows more."""
_LEFT_OUT: Final = re.compile(rf"^{_SPACE}*(#.*)?\n", re.MULTILINE)
"""Between the lines of one instruction, too."""
_CONTINUED: Final = re.compile(rf"[\\`]{_SPACE}*\n")
_FLAG: Final = re.compile(r"""--(?:\\.|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|[^ \t\n\r"'\\])*""")
_QUOTES: Final = re.compile(r"""\\(.)|["'`\\]""")
_CACHE_LEADING_OUT: Final = re.compile(r"\.\.|\$")
_FROM: Final = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """Its text, and its path in the repo."""

    path: str
    text: str


def read(repo: FileTree, path: str) -> Dockerfile:
    """The one at `path`. Raises BadSource when there is none, or its image cannot be one of ours."""
    if path not in repo:
        raise BadSource(
            f"the image is to be made by {path}, which is not in the repo: correct its name, or .dockerignore"
        )
    text = repo.texts.get(path)
    if text is None:
        raise BadSource(
            f"{path} is not read as a Dockerfile: call it Dockerfile, or something with .Dockerfile at its end"
        )
    _check_frontend(path, text)
    _check_mounts(path, text)
    _check_last_stage(path, text)
    return Dockerfile(path, text)


def _check_frontend(path: str, text: str) -> None:
    """Another frontend is another program, to which nothing below would apply."""
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        raise BadSource(f"{path} begins with JSON, which may say by what else it is read: begin with FROM")
    for line in text.split("\n"):
        if not _BEGINNING.match(line):
            return
        directive = _SYNTAX.fullmatch(line)
        if directive and not _OFFICIAL.fullmatch(directive[1]):
            raise BadSource(f"{path} is read by {directive[1][:200]}: only docker/dockerfile may be its syntax")


def _check_mounts(path: str, text: str) -> None:
    """Caches are kept apart by a folder for each owner, out of which no name may lead."""
    for found in _FLAG.findall(_CONTINUED.sub("", _LEFT_OUT.sub("", text))):
        flag = _QUOTES.sub(r"\1", found).lower()
        if flag.startswith("--mount") and "cache" in flag and _CACHE_LEADING_OUT.search(flag):
            raise BadSource(
                f"{path} has the mount {found[:200]}: the names of a cache may have neither .. nor variables"
            )


def _check_last_stage(path: str, text: str) -> None:
    stages = [(base, (name or "").lower()) for base, name in _FROM.findall(text)]
    if not stages:
        raise BadSource(f"{path} has no FROM: a Dockerfile begins with the image it is made on")
    bases = {name: base for base, name in stages if name}
    base, seen = stages[-1][0], set[str]()
    while base.lower() in bases and base.lower() not in seen:
        seen.add(base.lower())
        base = bases[base.lower()]
    if base.lower() == "scratch":
        raise BadSource(
            f"{path} ends in an image made from scratch, which has neither Python nor Node: make its last stage FROM an image "
            "with Python 3.10 or newer, such as python:3.12-slim"
        )
