"""Which version of the official package fits a repo's tasks, and whether the repo's own requirement lets it be installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from orchestrator.builder.errors import BadSource
from orchestrator.builder.official_sdk.generation import CONTEXT_SINCE, Finding, Generation

RENAMED: Final = "render"
"""The package's name since 1.0; its old name installs it too."""
NAMES: Final = frozenset({"render-sdk", RENAMED})
_RELEASES: Final = """
    0.1.0 0.1.1 0.1.2 0.1.3 0.2.0 0.3.0 0.4.0 0.5.0 0.6.0 0.6.1 0.7.0 0.8.0
    1.0.1 1.1.0 1.2.0 1.3.0 1.4.0 1.5.0
"""
_RELEASED: Final = tuple(map(Version, _RELEASES.split()))
_LATER: Final = Version("99")
"""Stands for all that are released after this was written."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement of the official package: its line, its parts, and the file a person would edit."""

    line: str
    name: str
    specifier: SpecifierSet
    source: str

    def admits(self, generation: Generation, until: Version) -> bool:
        """Whether a version of the generation may be installed."""
        return any(_is_of(version, generation, until) for version in self._admitted())

    def resolves_to(self, generation: Generation, until: Version) -> bool:
        """Whether the newest version that may be installed, which pip takes, is one of the generation."""
        return _is_of(max(self._admitted()), generation, until)

    def _admitted(self) -> list[Version]:
        named = [Version(one.version) for one in self.specifier if _is_version(one.version)]
        known = [
            version for version in (*_RELEASED, _LATER, *named) if self.name != RENAMED or version >= CONTEXT_SINCE
        ]
        return list(self.specifier.filter(known, prereleases=True))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a deploy does about it: `constraint` narrows the version; `is_ours` leaves the official package out."""

    constraint: str | None = None
    is_ours: bool = False
    is_unlocked: bool = False
    notes: tuple[str, ...] = ()


def asked_in(line: str, source: str) -> Asked | None:
    """The requirement a line makes of the official package, if it does."""
    try:
        parsed = Parsed(line.split(" --")[0].strip())
    except InvalidRequirement:
        return None
    name = canonicalize_name(parsed.name)
    return Asked(line, name, parsed.specifier, source) if name in NAMES and not parsed.url else None


def choose(finding: Finding, asked: Sequence[Asked], pins: Mapping[str, str], lock: str | None = None) -> Choice:
    """The version for the generation that was found; `pins` are those of the lock file. Raises BadSource where there is none."""
    if not asked:
        return Choice()
    if finding.generation is None or not finding.is_certain:
        return Choice(notes=finding.notes)
    generation, sign = finding.generation, finding.sign
    unfit = [one for one in asked if not one.admits(generation, sign.until)]
    if unfit and sign.until < CONTEXT_SINCE:
        return Choice(is_ours=True, notes=(*finding.notes, _ours(unfit[0], finding)))
    if unfit:
        raise BadSource(_refusal(unfit[0], finding))
    pinned = next((name for name in (one.name for one in asked) if name in pins), None)
    is_unlocked = pinned is not None and not _is_of(Version(pins[pinned]), generation, sign.until)
    if not is_unlocked and (pinned or all(one.resolves_to(generation, sign.until) for one in asked)):
        return Choice(notes=finding.notes)
    constraint = _constraint(asked[0], generation, sign.until)
    because = f": {lock} has {pinned} {pins[pinned]}, which they would not run on" if pinned else ""
    note = f"{constraint} is installed, because {sign}{because}"
    return Choice(constraint, is_unlocked=is_unlocked, notes=(*finding.notes, note))


def _is_of(version: Version, generation: Generation, until: Version) -> bool:
    return version < until if generation is Generation.CALLED else version >= CONTEXT_SINCE


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _constraint(asked: Asked, generation: Generation, until: Version) -> str:
    name = asked.name.replace("-", "_")
    return f"{name}<{until}" if generation is Generation.CALLED else f"{name}>={CONTEXT_SINCE}"


def _ours(asked: Asked, finding: Finding) -> str:
    return (
        f"{asked.line} is not installed, because {finding.sign}, which {finding.sign.until} removed: "
        "the orchestrator's own package of that name answers its imports"
    )


def _refusal(asked: Asked, finding: Finding) -> str:
    sign = finding.sign
    if finding.generation is Generation.CONTEXT:
        return (
            f"{asked.source} asks for {asked.line}, and {sign}, which is the form of 1.0 and later: "
            f"write render>=1 in its place"
        )
    removed = f"the form of versions before {sign.until}"
    return f"{asked.source} asks for {asked.line}, and {sign}, which is {removed}: write render_sdk<{sign.until} in its place"
