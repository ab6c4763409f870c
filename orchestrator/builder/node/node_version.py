"""Which Node a repo wants, as far as there is one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from orchestrator.builder import semver, tool_versions
from orchestrator.builder.errors import BadSource
from orchestrator.builder.node.manifest import Manifest
from orchestrator.builder.source.tree import FileTree

VARIABLE: Final = "NODE_VERSION"
DEFAULT_MAJOR: Final = 22
MAJORS: Final = (18, 20, 22, 24)
"""The releases with long-term support: any of them can be had from the Python index, its newest patch or nearly that."""
NEWEST_MAJOR: Final = 26
_BEST_FIRST: Final = (DEFAULT_MAJOR, 24, 20, 18, 26, 25, 23, 21, 19)
_LTS: Final = {"hydrogen": 18, "iron": 20, "jod": 22, "krypton": 24}
_NEWEST: Final = frozenset({"node", "latest", "current", "stable", "lts", "lts/*"})
_MAJOR: Final = re.compile(r"v?(\d+)(?:\.[xX*])*")


@dataclass(frozen=True, slots=True)
class NodeVersion:
    """`exact` is a requirement of npm's for what is more than a major release, None for the newest of `major`.

    `source` is who asks for it, empty for nobody.
    """

    major: int = DEFAULT_MAJOR
    exact: str | None = None
    source: str = ""

    def __str__(self) -> str:
        return f"Node {self.exact or self.major}"

    @property
    def installer_major(self) -> int:
        """The release from the Python index that is this one, or installs it."""
        return max((major for major in MAJORS if major <= self.major), default=MAJORS[0])


def wanted(tree: FileTree, manifest: Manifest, environment: Mapping[str, str]) -> NodeVersion:
    """What NODE_VERSION, .node-version, .nvmrc, `engines`, .tool-versions and mise.toml, in this order, say.

    Raises BadSource for what cannot be had.
    """
    said = [
        (VARIABLE, environment.get(VARIABLE, "")),
        (".node-version", tree.texts.get(".node-version", "")),
        (".nvmrc", tree.texts.get(".nvmrc", "")),
        ("engines in package.json", manifest.engine),
        *tool_versions.pinned(tree, "node", "nodejs"),
    ]
    for source, text in said:
        if asked := _first_line(text):
            return _understood(asked, source)
    return NodeVersion()


def _first_line(text: str) -> str:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return next((line for line in lines if line), "")


def _understood(asked: str, source: str) -> NodeVersion:
    name = asked.lower()
    if name in _NEWEST:
        return NodeVersion(MAJORS[-1], source=source)
    if major := _LTS.get(name.removeprefix("lts/")):
        return NodeVersion(major, source=source)
    if one := _MAJOR.fullmatch(asked):
        return _of_major(int(one[1]), asked, source)
    any_of = semver.alternatives(asked)
    if any_of is None:
        raise _refusal(asked, source)
    newest = (major for major in _BEST_FIRST if semver.admits(any_of, (major, 999, 999)))
    if major := next(newest, None):
        return _of_major(major, asked, source)
    named = [low for ranges in any_of for low, _ in ranges if semver.admits(any_of, low)]
    if not named or not MAJORS[0] <= max(named)[0] <= NEWEST_MAJOR:
        raise _refusal(asked, source)
    return NodeVersion(max(named)[0], asked.removeprefix("v"), source)


def _of_major(major: int, asked: str, source: str) -> NodeVersion:
    if not MAJORS[0] <= major <= NEWEST_MAJOR:
        raise _refusal(asked, source)
    return NodeVersion(major, None if major in MAJORS else str(major), source)


def _refusal(asked: str, source: str) -> BadSource:
    return BadSource(
        f"Node {asked} ({source}) is not to be had: ask for one of {', '.join(map(str, MAJORS))}, "
        f"or an exact version from {MAJORS[0]} to {NEWEST_MAJOR}, like 22.11.0"
    )
